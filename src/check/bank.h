/* bank.h - money that is moved between accounts and never made or lost.
 *
 * Operations: transfer (whatever its value says; {"from":a,"to":b,"amount":n} is named in
 * sentences), and read null -> {account: balance, ...}, all accounts at one moment. Under snapshot
 * isolation and everything stronger each read shows the same total.
 *
 * The total is the option "total"; without it, what most reads show, which accuses nobody falsely:
 * two reads that differ contradict each other. A balance below 0 is wrong too, unless
 * "negative_balances" is set, and so is one that is null.
 *
 * Details are Jepsen's: "read-count", "error-count", "errors" (by type: count, first, and for
 * wrong-total lowest and highest), "first-error"; ours: "total", "total-is" ("given" or "what most
 * reads show"). Unknown: no read was answered, or one shows no map of integers. */
#ifndef CHECK_BANK_H
#define CHECK_BANK_H

struct checker;

/* "bank", options total, negative_balances. */
extern const struct checker bank_checker;

#endif
