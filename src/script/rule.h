/* rule.h - what becomes of single messages of a task: "drop the third append from n1 to n2".
 *
 * A rule says which messages it is for (sender, receiver, type, the how many-th, a question to Lua)
 * and what is done with them. Rules are asked in the order of their making, each message once, when
 * it sets out; all that match act, until one drops it. */
#ifndef SCRIPT_RULE_H
#define SCRIPT_RULE_H

struct rules;

struct rules *rules_new(void);
void rules_free(struct rules *r); /* NULL is fine */

#endif
