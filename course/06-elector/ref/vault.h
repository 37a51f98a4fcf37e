/* vault.h - what a leader does in the outside world: `put` to the store `vault`, with its token. */
#ifndef VAULT_H
#define VAULT_H

void vault_register(void); /* `save` */
void vault_beat(void);     /* every 100 ms from now on, as long as we lead: we are the leader */

#endif
