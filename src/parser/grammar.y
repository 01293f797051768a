/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar. It takes some forms that are wrong, so that the actions (build.c) can say
 * what is wrong with them; what it cannot take is reported at the end of this file.
 */
%require "3.8"
%define api.prefix {kparse_}
%define api.token.prefix {TOK_}
%define api.pure full
%define api.location.type {struct loc}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param { struct parser *ps }

%code requires {
#include "parser/build.h"

#define YYLLOC_DEFAULT(current, rhs, n)                                                                        \
	do {                                                                                                   \
		(current).start = (n) ? YYRHSLOC(rhs, 1).start : YYRHSLOC(rhs, 0).end;                         \
		(current).end = YYRHSLOC(rhs, n).end;                                                          \
	} while (0)
}

%union {
	struct lexeme string;
	uint64_t number;
	enum op op;
	struct node *node;
	struct nodes nodes;
	struct type_name *type;
}

%code {
#include <string.h>

#include "base/arena.h"
#include "lang/errors.h"
#include "parser/c_parse.h"

/* A C definition is one token to the grammar: a parser of its own reads it (c_parse.c). */
static int kparse_lex(KPARSE_STYPE *value, struct loc *loc, struct parser *ps)
{
	int token = lexer_next(value, loc, &ps->lexer);

	if (ps->lexer.place != PLACE_C)
		return token;
	value->node = c_parse_definition(ps, token, value, loc);
	return TOK_CDEF;
}

static void kparse_error(struct loc *loc, struct parser *ps, const char *text);

/* In the actions; yyloc is @$ */
#define N(kind)	      build(ps, NODE_##kind, yyloc)
#define OP(op, a, b)  build_op(ps, NODE_BINOP, yyloc, OP_##op, a, b)
#define UNOP(op, a)   build_op(ps, NODE_UNOP, yyloc, OP_##op, a, NULL)
#define EMPTY	      ((struct nodes){ 0 })

static struct nodes add(struct nodes list, struct node *n)
{
	nodes_add(&list, n);
	return list;
}
}

%token END 0 "the script's end"
%token <number> INT "number" PARAM "parameter" BOOL "boolean"
%token <string> STRING "string" IDENT "name" VAR "$variable" MAP "@map" TYPE "type" ATTACH "a probe"
%token NPARAMS "'$#'"
%token <string> BREAK "'break'" CONFIG "'config'" CONTINUE "'continue'" ELSE "'else'" FOR "'for'" IF "'if'"
%token <string> IMPORT "'import'" LET "'let'" MACRO "'macro'" OFFSETOF "'offsetof'" RETURN "'return'"
%token <string> SIZEOF "'sizeof'" TYPEOF "'typeof'" UNROLL "'unroll'" WHILE "'while'"
%token <string> STRUCT "'struct'" UNION "'union'" ENUM "'enum'" TYPEDEF "'typedef'"
%token <node> CDEF "a C definition"
%token CAST "cast" TYPE_OPEN "'(' of a type" EXPR_BRACE "'{' of a value"
%token PREDICATE "a predicate" PREDICATE_END "'/' before '{'"
%token DOTDOT "'..'" INC "'++'" DEC "'--'" SHL "'<<'" SHR "'>>'" LE "'<='" GE "'>='" EQ "'=='" NE "'!='"
%token LAND "'&&'" LOR "'||'"
%token <op> ASSIGN_OP "assignment"
%token SYNC "the statement's end"

%right '?' ':'
%left LOR
%left LAND
%left '|'
%left '^'
%left '&'
%left EQ NE
%left '<' '>' LE GE
%left SHL SHR
%left '+' '-'
%left '*' '/' '%'
%precedence NO_KEYS NO_ELSE
%precedence '[' ELSE

%type <nodes> items attach_list config_items params args arg_list keys paren_list stmts body
%type <node> item probe attach predicate config config_item config_value import macro param map_decl
%type <node> block stmt simple compound if condition for while unroll part
%type <node> expr unary postfix primary paren_item arg var
%type <type> type type_base tagged_type
%type <string> type_words field_name any_word path

%%

script: items { ps->script = build_list(ps, NODE_SCRIPT, @$, $1); }
	;

items: %empty { $$ = EMPTY; }
	| items item { $$ = add($1, $2); }
	;

item: probe
	| config
	| import
	| macro
	| map_decl
	| CDEF
	| ';' { $$ = NULL; }
	;

/* --- between the braces' outsides --- */

probe: attach_list predicate block { $$ = build_probe(ps, @$, $1, $2, $3); }
	;

attach_list: attach { $$ = add(EMPTY, $1); }
	| attach_list ',' attach { $$ = add($1, $3); }
	;

attach: ATTACH {
		$$ = build_name(ps, NODE_ATTACH_POINT, @1, arena_strndup(ps->arena, $1.text, $1.len));
	}
	;

predicate: %empty { $$ = NULL; }
	| PREDICATE condition PREDICATE_END { $$ = $2; }
	| PREDICATE error PREDICATE_END { yyerrok; $$ = NULL; }
	;

config: CONFIG '=' '{' config_items '}' { $$ = build_list(ps, NODE_CONFIG, @$, $4); }
	| CONFIG '=' '{' config_items config_item '}' {
		$$ = build_list(ps, NODE_CONFIG, @$, add($4, $5));
	}
	| CONFIG '=' '{' config_items error '}' { yyerrok; $$ = NULL; }
	;

config_items: %empty { $$ = EMPTY; }
	| config_items config_item ';' { $$ = add($1, $2); }
	| config_items error SYNC { yyerrok; }
	;

config_item: IDENT '=' config_value {
		$$ = build_tree(ps, NODE_CONFIG_ITEM, @$, $3, NULL, NULL, NULL);
		$$->name = $1.text;
	}
	;

config_value: INT { $$ = build_number(ps, NODE_INT, @$, $1); }
	| BOOL { $$ = build_number(ps, NODE_BOOL, @$, $1); }
	| STRING { $$ = build_string(ps, @$, $1); }
	| IDENT { $$ = build_name(ps, NODE_IDENT, @$, $1.text); }
	;

import: IMPORT STRING ';' { $$ = build_name(ps, NODE_IMPORT, @$, $2.text); }
	;

macro: MACRO IDENT '(' params ')' '{' body '}' {
		struct loc body_loc = { @6.start, @8.end };

		$$ = build_macro(ps, @$, $2.text, $4, body_loc, $7);
	}
	| MACRO IDENT '(' params ')' '{' stmts error '}' { yyerrok; $$ = NULL; }
	;

params: %empty { $$ = EMPTY; }
	| param { $$ = add(EMPTY, $1); }
	| params ',' param { $$ = add($1, $3); }
	;

param: var
	| IDENT { $$ = build_name(ps, NODE_IDENT, @$, $1.text); }
	| MAP { $$ = build_map(ps, @$, $1.text, EMPTY); }
	;

map_decl: LET MAP '=' IDENT '(' args ')' ';' {
		struct loc call = { @4.start, @7.end };

		$$ = build_tree(ps, NODE_MAP_DECL, @$, build_call(ps, call, $4.text, $6, false), NULL, NULL, NULL);
		$$->name = $2.text;
	}
	;

/* --- statements --- */

block: '{' body '}' { $$ = build_list(ps, NODE_BLOCK, @$, $2); }
	| '{' stmts error '}' { yyerrok; $$ = build_list(ps, NODE_BLOCK, @$, $2); }
	;

body: stmts { $$ = $1; $$.open_end = false; }
	| stmts simple { $$ = add($1, $2); $$.open_end = true; }
	;

stmts: %empty { $$ = EMPTY; }
	| stmts stmt { $$ = add($1, $2); }
	| stmts error SYNC { yyerrok; }
	;

stmt: simple ';'
	| compound
	| ';' { $$ = NULL; }
	;

simple: expr { $$ = build_tree(ps, NODE_EXPR_STMT, @$, $1, NULL, NULL, NULL); }
	| expr '=' expr { $$ = build_assign(ps, @$, OP_SET, $1, $3); }
	| expr ASSIGN_OP expr { $$ = build_assign(ps, @$, $2, $1, $3); }
	| LET var { $$ = build_let(ps, @$, $2, NULL, NULL); }
	| LET var ':' type { $$ = build_let(ps, @$, $2, $4, NULL); }
	| LET var '=' expr { $$ = build_let(ps, @$, $2, NULL, $4); }
	| LET var ':' type '=' expr { $$ = build_let(ps, @$, $2, $4, $6); }
	| BREAK { $$ = N(BREAK); }
	| CONTINUE { $$ = N(CONTINUE); }
	| RETURN { $$ = N(RETURN); }
	| RETURN expr { $$ = build_tree(ps, NODE_RETURN, @$, $2, NULL, NULL, NULL); }
	;

compound: if
	| for
	| while
	| unroll
	| block
	| ELSE block { diag_error(ps->diag, @1, ELSE_WITHOUT_IF); $$ = NULL; }
	;

if: IF condition block %prec NO_ELSE { $$ = build_tree(ps, NODE_IF, @$, $2, $3, NULL, NULL); }
	| IF condition block ELSE block { $$ = build_tree(ps, NODE_IF, @$, $2, $3, $5, NULL); }
	| IF condition block ELSE if { $$ = build_tree(ps, NODE_IF, @$, $2, $3, $5, NULL); }
	;

condition: expr { $$ = build_condition(ps, $1); }
	| expr '=' expr { diag_error(ps->diag, @$, COND_ASSIGN); $$ = $1; }
	;

for: FOR '(' var ':' expr ')' block { $$ = build_tree(ps, NODE_FOR_MAP, @$, $3, $5, NULL, $7); }
	| FOR '(' var ':' expr DOTDOT expr ')' block {
		$$ = build_tree(ps, NODE_FOR_RANGE, @$, $3, $5, $7, $9);
	}
	| FOR var ':' expr block { $$ = build_tree(ps, NODE_FOR_MAP, @$, $2, $4, NULL, $5); }
	| FOR var ':' expr DOTDOT expr block { $$ = build_tree(ps, NODE_FOR_RANGE, @$, $2, $4, $6, $7); }
	| FOR '(' part ';' part ';' part ')' block {
		struct loc head = { @1.start, @8.end };

		diag_error(ps->diag, head, C_FOR);
		$$ = NULL;
	}
	;

part: %empty { $$ = NULL; }
	| simple
	| TYPE IDENT '=' expr { $$ = NULL; }
	;

while: WHILE condition block { $$ = build_tree(ps, NODE_WHILE, @$, $2, NULL, NULL, $3); }
	;

unroll: UNROLL expr block { $$ = build_tree(ps, NODE_UNROLL, @$, $2, NULL, NULL, $3); }
	;

/* --- expressions --- */

expr: unary
	| expr '?' expr ':' expr { $$ = build_tree(ps, NODE_TERNARY, @$, $1, $3, $5, NULL); }
	| expr '?' ':' expr { $$ = build_tree(ps, NODE_TERNARY, @$, $1, NULL, $4, NULL); }
	| expr LOR expr { $$ = OP(LOR, $1, $3); }
	| expr LAND expr { $$ = OP(LAND, $1, $3); }
	| expr '|' expr { $$ = OP(BOR, $1, $3); }
	| expr '^' expr { $$ = OP(BXOR, $1, $3); }
	| expr '&' expr { $$ = OP(BAND, $1, $3); }
	| expr EQ expr { $$ = OP(EQ, $1, $3); }
	| expr NE expr { $$ = OP(NE, $1, $3); }
	| expr '<' expr { $$ = OP(LT, $1, $3); }
	| expr '>' expr { $$ = OP(GT, $1, $3); }
	| expr LE expr { $$ = OP(LE, $1, $3); }
	| expr GE expr { $$ = OP(GE, $1, $3); }
	| expr SHL expr { $$ = OP(SHL, $1, $3); }
	| expr SHR expr { $$ = OP(SHR, $1, $3); }
	| expr '+' expr { $$ = OP(ADD, $1, $3); }
	| expr '-' expr { $$ = OP(SUB, $1, $3); }
	| expr '*' expr { $$ = OP(MUL, $1, $3); }
	| expr '/' expr { $$ = OP(DIV, $1, $3); }
	| expr '%' expr { $$ = OP(MOD, $1, $3); }
	;

unary: postfix
	| '-' unary { $$ = UNOP(NEG, $2); }
	| '!' unary { $$ = UNOP(LNOT, $2); }
	| '~' unary { $$ = UNOP(BNOT, $2); }
	| '*' unary { $$ = UNOP(DEREF, $2); }
	| '&' unary { $$ = UNOP(ADDR, $2); }
	| INC unary { $$ = build_incdec(ps, @$, OP_PREINC, $2); }
	| DEC unary { $$ = build_incdec(ps, @$, OP_PREDEC, $2); }
	| CAST type ')' unary { $$ = build_cast(ps, @$, $2, $4); }
	;

postfix: primary
	| postfix '.' field_name {
		$$ = build_tree(ps, NODE_FIELD, @$, $1, NULL, NULL, NULL);
		$$->name = $3.text;
	}
	| postfix '.' INT {
		$$ = build_tree(ps, NODE_TUPLE_AT, @$, $1, NULL, NULL, NULL);
		$$->ival = $3;
	}
	| postfix '[' expr ']' { $$ = build_tree(ps, NODE_INDEX, @$, $1, $3, NULL, NULL); }
	| postfix INC { $$ = build_incdec(ps, @$, OP_POSTINC, $1); }
	| postfix DEC { $$ = build_incdec(ps, @$, OP_POSTDEC, $1); }
	;

primary: INT { $$ = build_number(ps, NODE_INT, @$, $1); }
	| BOOL { $$ = build_number(ps, NODE_BOOL, @$, $1); }
	| STRING { $$ = build_string(ps, @$, $1); }
	| PARAM { $$ = build_number(ps, NODE_PARAM, @$, $1); }
	| NPARAMS { $$ = N(NPARAMS); }
	| IDENT { $$ = build_name(ps, NODE_IDENT, @$, $1.text); }
	| var
	| MAP %prec NO_KEYS { $$ = build_map(ps, @$, $1.text, EMPTY); }
	| MAP '[' keys ']' { $$ = build_map(ps, @$, $1.text, $3); }
	| IDENT '(' args ')' { $$ = build_call(ps, @$, $1.text, $3, false); }
	| IDENT '!' '(' args ')' { $$ = build_call(ps, @$, $1.text, $4, true); }
	| CONFIG '(' args ')' { $$ = build_call(ps, @$, $1.text, $3, false); }
	| '(' ')' { $$ = build_parentheses(ps, @$, EMPTY, false); }
	| '(' paren_list ')' { $$ = build_parentheses(ps, @$, $2, false); }
	| '(' paren_list ',' ')' { $$ = build_parentheses(ps, @$, $2, true); }
	| SIZEOF '(' expr ')' { $$ = build_type_op(ps, NODE_SIZEOF, @$, NULL, $3, NULL); }
	| SIZEOF TYPE_OPEN type ')' { $$ = build_type_op(ps, NODE_SIZEOF, @$, $3, NULL, NULL); }
	| TYPEOF '(' expr ')' { $$ = build_type_op(ps, NODE_TYPEOF, @$, NULL, $3, NULL); }
	| TYPEOF TYPE_OPEN type ')' { $$ = build_type_op(ps, NODE_TYPEOF, @$, $3, NULL, NULL); }
	| OFFSETOF '(' expr ',' path ')' { $$ = build_type_op(ps, NODE_OFFSETOF, @$, NULL, $3, $5.text); }
	| OFFSETOF TYPE_OPEN type ',' path ')' { $$ = build_type_op(ps, NODE_OFFSETOF, @$, $3, NULL, $5.text); }
	| EXPR_BRACE body '}' { $$ = build_block_expr(ps, @$, $2); }
	| EXPR_BRACE stmts error '}' { yyerrok; $$ = build_number(ps, NODE_INT, @$, 1); }
	;

var: VAR { $$ = build_name(ps, NODE_VAR, @$, $1.text); }
	;

keys: expr { $$ = add(EMPTY, $1); }
	| keys ',' expr { $$ = add($1, $3); }
	;

paren_list: paren_item { $$ = add(EMPTY, $1); }
	| paren_list ',' paren_item { $$ = add($1, $3); }
	;

paren_item: expr
	| expr '=' expr { $$ = build_field_init(ps, @$, $1, $3); }
	;

args: %empty { $$ = EMPTY; }
	| arg_list
	;

arg_list: arg { $$ = add(EMPTY, $1); }
	| arg_list ',' arg { $$ = add($1, $3); }
	;

arg: expr
	| tagged_type { $$ = build_type_op(ps, NODE_TYPEOF, @$, $1, NULL, NULL); }
	;

/* Behind '.': no word is reserved there. */
field_name: IDENT
	| any_word
	;

any_word: TYPE | BREAK | CONFIG | CONTINUE | ELSE | FOR | IF | IMPORT | LET | MACRO | OFFSETOF | RETURN
	| SIZEOF | TYPEOF | UNROLL | WHILE | STRUCT | UNION | ENUM
	;

path: field_name
	| path '.' field_name {
		$$.text = arena_printf(ps->arena, "%s.%s", $1.text, $3.text);
		$$.len = $1.len + $3.len + 1;
	}
	| path '[' INT ']' {
		$$.text = arena_printf(ps->arena, "%s[%llu]", $1.text, (unsigned long long)$3);
		$$.len = strlen($$.text);
	}
	;

/* --- types --- */

type: type_base
	| type '*' { build_suffix(ps, $1, @2, TS_PTR, 0); }
	| type '[' INT ']' { build_suffix(ps, $1, @4, TS_ARRAY, $3); }
	;

type_base: type_words { $$ = build_type(ps, @$, $1.text, TN_PLAIN, NULL); }
	| IDENT { $$ = build_type(ps, @$, $1.text, TN_PLAIN, NULL); }
	| STRUCT IDENT { $$ = build_type(ps, @$, $2.text, TN_STRUCT, NULL); }
	| UNION IDENT { $$ = build_type(ps, @$, $2.text, TN_UNION, NULL); }
	| ENUM IDENT { $$ = build_type(ps, @$, $2.text, TN_ENUM, NULL); }
	| TYPEOF '(' expr ')' { $$ = build_type(ps, @$, NULL, TN_TYPEOF, $3); }
	| TYPEOF TYPE_OPEN type ')' { $$ = $3; $$->loc = @$; }
	;

/* A type where an argument stands: container_of(p, struct task_struct, rcu) */
tagged_type: type_words { $$ = build_type(ps, @$, $1.text, TN_PLAIN, NULL); }
	| STRUCT IDENT { $$ = build_type(ps, @$, $2.text, TN_STRUCT, NULL); }
	| UNION IDENT { $$ = build_type(ps, @$, $2.text, TN_UNION, NULL); }
	| ENUM IDENT { $$ = build_type(ps, @$, $2.text, TN_ENUM, NULL); }
	| tagged_type '*' { build_suffix(ps, $1, @2, TS_PTR, 0); }
	| tagged_type '[' INT ']' { build_suffix(ps, $1, @4, TS_ARRAY, $3); }
	;

/* "unsigned long": C's names of several words, with one blank between them */
type_words: TYPE
	| type_words TYPE {
		$$.text = arena_printf(ps->arena, "%s %s", $1.text, $2.text);
		$$.len = $1.len + $2.len + 1;
	}
	;

%%

/* Called only when bison's stack is full. */
static void kparse_error(struct loc *loc, struct parser *ps, const char *text)
{
	(void)text;
	if (!ps->lexer.stop)
		diag_error(ps->diag, *loc, NESTED_TOO_DEEPLY);
	ps->lexer.stop = true;
}

/* "name 'foo'", "'}'", "the script's end" */
static const char *describe(struct parser *ps, yysymbol_kind_t token, struct loc loc)
{
	const struct source *s = ps->lexer.source;
	int len = (int)(loc.end - loc.start < 30 ? loc.end - loc.start : 30);

	switch ((int)token) {
	case YYSYMBOL_IDENT:
	case YYSYMBOL_INT:
	case YYSYMBOL_TYPE:
	case YYSYMBOL_ASSIGN_OP:
		return arena_printf(ps->arena, "%s '%.*s'", yysymbol_name(token), len, s->text + loc.start);
	case YYSYMBOL_VAR:
	case YYSYMBOL_MAP:
	case YYSYMBOL_ATTACH:
		return arena_printf(ps->arena, "'%.*s'", len, s->text + loc.start);
	case YYSYMBOL_CAST:
	case YYSYMBOL_TYPE_OPEN:
		return "'('";
	case YYSYMBOL_EXPR_BRACE:
		return "'{'";
	case YYSYMBOL_PREDICATE:
	case YYSYMBOL_PREDICATE_END:
		return "'/'";
	}
	return yysymbol_name(token);
}

/* What can end an expression or go on behind a name; the operators that could too would only be noise. */
static bool is_end(yysymbol_kind_t token)
{
	static const char ends[] = ")],;:({";

	for (const char *c = ends; *c; c++)
		if (token == YYTRANSLATE((int)*c))
			return true;
	return token == YYSYMBOL_PREDICATE_END;
}

/* What would have been right in the place of an error. */
struct expected {
	yysymbol_kind_t tokens[YYNTOKENS];
	int n;
	bool semicolon, brace, operand, probe;
};

static void find_expected(const yypcontext_t *ctx, struct expected *e)
{
	yysymbol_kind_t all[YYNTOKENS];
	int n = yypcontext_expected_tokens(ctx, all, YYNTOKENS), useful = 0;

	*e = (struct expected){ .n = 0 };
	for (int i = 0; i < n; i++) {
		e->semicolon |= all[i] == YYTRANSLATE(';');
		e->brace |= all[i] == YYTRANSLATE('{');
		e->operand |= all[i] == YYSYMBOL_NPARAMS;
		e->probe |= all[i] == YYSYMBOL_ATTACH;
		useful += all[i] != YYSYMBOL_YYerror && all[i] != YYSYMBOL_SYNC;
	}
	for (int i = 0; i < n; i++) {
		if (all[i] == YYSYMBOL_YYerror || all[i] == YYSYMBOL_SYNC)
			continue;
		if (useful <= 4 || is_end(all[i]))
			e->tokens[e->n++] = all[i];
	}
}

/* ", expected ')' or ','", or nothing when it would not help. */
static const char *expectation(struct parser *ps, const struct expected *e)
{
	const char *text = "";

	if (e->probe)
		return ", expected a probe";
	if (e->operand)
		return e->semicolon ? "" : ", expected an expression";
	if (e->n > 4)
		return "";
	for (int i = 0; i < e->n; i++)
		text = arena_printf(ps->arena, "%s%s%s", text,
			!i	      ? ", expected " :
			i + 1 < e->n ? ", " :
				       " or ",
			yysymbol_name(e->tokens[i]));
	return text;
}

/* Is there a line's end between the last good token and this one? */
static bool on_new_line(struct parser *ps, uint32_t from, struct loc loc)
{
	return loc.start > from && memchr(ps->lexer.source->text + from, '\n', loc.start - from);
}

/* "kprobe:" or "END {" at the start of a line, inside a block that should have been closed. */
static bool is_probe_inside(const struct lexer *lx, yysymbol_kind_t token, const struct expected *e)
{
	return lx->depth_before && lx->before_last == TOK_IDENT && e->semicolon &&
	       (token == YYTRANSLATE('{') || token == YYTRANSLATE(':')) && lexer_at_line_start(lx);
}

static int yyreport_syntax_error(const yypcontext_t *ctx, struct parser *ps)
{
	struct lexer *lx = &ps->lexer;
	yysymbol_kind_t token = yypcontext_token(ctx);
	struct loc loc = *yypcontext_location(ctx);
	struct expected e;
	const char *unexpected;

	if (lx->stop) /* the reason was reported */
		return 0;
	unexpected = describe(ps, token, loc);
	find_expected(ctx, &e);
	lexer_recover(lx);
	if (is_probe_inside(lx, token, &e)) {
		/* Nothing behind it would be read as it is meant. */
		diag_error(ps->diag, lx->good, MISSING_BRACE);
		lx->stop = true;
	} else if (e.semicolon && !e.operand && on_new_line(ps, lx->good.end, loc)) {
		diag_error(ps->diag, ((struct loc){ lx->good.end - 1, lx->good.end }), MISSING_SEMICOLON);
	} else if (e.brace && lx->depth_before && !e.semicolon && token != YYTRANSLATE('=')) {
		diag_error(ps->diag, loc, BRACES_NEEDED, unexpected);
	} else {
		diag_error_hint(ps->diag, loc, token == YYTRANSLATE('=') ? "did you mean '=='?" : NULL, SYNTAX,
			unexpected, expectation(ps, &e));
	}
	return 0;
}
