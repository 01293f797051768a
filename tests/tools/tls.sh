#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A TLS client writes 12 bytes to a server, in a network of their own.
unshare -n bash -c '
	ip link set lo up
	exec 5< <(exec sleep 60)
	silence=$!
	openssl s_server -accept 18443 -nocert -psk 6b73 -quiet <&5 >/dev/null 2>&1 &
	server=$!
	for try in {1..100}; do
		(printf "hello kscope"; sleep 1) | openssl s_client -connect 127.0.0.1:18443 -psk 6b73 -quiet -no_ign_eof >/dev/null 2>&1 && break
		sleep 0.1
	done
	kill $server $silence'
