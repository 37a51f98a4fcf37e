/* push.h - rumours: a value that is new here is told to a few members, drawn by lot each time. */
#ifndef GOSSIPER_PUSH_H
#define GOSSIPER_PUSH_H

#include "json.h"

/* Tells so many members, or all others if there are fewer. Nobody answers, nothing is repeated. */
void push(int number, int fanout);

/* Tells three members within 5 ms, together with what else is new by then. */
void push_soon(int number);

/* Draws up to `count` different members other than ourselves into ret_members; how many. */
int push_draw(int count, int *ret_members);

#endif
