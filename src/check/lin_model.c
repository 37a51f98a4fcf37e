/* The table of models. A model is data: which functions it has and what each does to the state.
 * The doing itself is lin_step() in lin_space.c, one switch that every engine, the explanations
 * and the brute force of the fuzzer share, so that there is one place where a meaning can be
 * wrong. A mutex needs no family of its own: it is a register that holds "free" or its owner,
 * acquiring is a cas from free to me, releasing one back. */
#include "lin_model.h"

#include <string.h>

static const struct lin_model models[] = {
    {"register",
     LIN_VALUES,
     false,
     "register",
     "null",
     {{"read", LIN_READ, LIN_FORM_ANSWER},
      {"write", LIN_WRITE, LIN_FORM_ARG},
      {"cas", LIN_CAS, LIN_FORM_PAIR}}},
    {"cas-register",
     LIN_VALUES,
     true,
     "register",
     "null",
     {{"read", LIN_READ, LIN_FORM_ANSWER},
      {"write", LIN_WRITE, LIN_FORM_ARG},
      {"cas", LIN_CAS, LIN_FORM_PAIR}}},
    {"kv",
     LIN_VALUES,
     true,
     "value",
     "null",
     {{"get", LIN_READ, LIN_FORM_ANSWER},
      {"put", LIN_WRITE, LIN_FORM_ARG},
      {"cas", LIN_CAS, LIN_FORM_PAIR},
      {"delete", LIN_WRITE, LIN_FORM_NULL}}},
    {"append-kv",
     LIN_TEXT,
     true,
     "text",
     "\"\"",
     {{"get", LIN_READ, LIN_FORM_ANSWER},
      {"put", LIN_WRITE, LIN_FORM_ARG},
      {"append", LIN_APPEND, LIN_FORM_ARG}}},
    {"mutex",
     LIN_VALUES,
     false,
     "mutex",
     "\"free\"",
     {{"acquire", LIN_CAS, LIN_FORM_LOCK}, {"release", LIN_CAS, LIN_FORM_UNLOCK}}},
    {"fenced-lock",
     LIN_FENCED,
     false,
     "lock",
     NULL,
     {{"acquire", LIN_GRANT, LIN_FORM_GRANT}, {"release", LIN_RETURN, LIN_FORM_NUMBER}}},
    {"queue",
     LIN_QUEUE,
     false,
     "queue",
     NULL,
     {{"enqueue", LIN_ENQUEUE, LIN_FORM_ARG}, {"dequeue", LIN_DEQUEUE, LIN_FORM_TAKE}}},
    {"set",
     LIN_SET,
     false,
     "set",
     NULL,
     {{"add", LIN_INSERT, LIN_FORM_ARG},
      {"remove", LIN_REMOVE, LIN_FORM_ARG},
      {"contains", LIN_CONTAINS, LIN_FORM_ELEMENT},
      {"read", LIN_READ, LIN_FORM_ANSWER}}},
    {"counter",
     LIN_COUNTER,
     false,
     "counter",
     NULL,
     {{"add", LIN_ADD, LIN_FORM_NUMBER}, {"read", LIN_READ, LIN_FORM_ANSWER}}},
    {"list",
     LIN_LIST,
     false,
     "list",
     NULL,
     {{"append", LIN_APPEND, LIN_FORM_ARG}, {"read", LIN_READ, LIN_FORM_ANSWER}}},
    {"multi-register",
     LIN_REGISTERS,
     false,
     "set of registers",
     "null",
     {{"txn", LIN_TXN, LIN_FORM_TXN}}},
};

const struct lin_model *lin_model_at(size_t index)
{
    return index < sizeof(models) / sizeof(models[0]) ? &models[index] : NULL;
}

const struct lin_model *lin_model_find(const char *name)
{
    const struct lin_model *m;

    for (size_t i = 0; (m = lin_model_at(i)) != NULL; i++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}
