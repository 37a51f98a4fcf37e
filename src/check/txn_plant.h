/* txn_plant.h - mistakes that tests/planted/txn.sh builds into the txn_ files, one at a time, to
 * prove that their tests would notice. Off in every build but that script's: -DPLANT_TXN=7 turns
 * number 7 on. */
#ifndef CHECK_TXN_PLANT_H
#define CHECK_TXN_PLANT_H

#ifdef PLANT_TXN
#define TXN_PLANTED(number) (PLANT_TXN == (number))
#else
#define TXN_PLANTED(number) 0
#endif

#endif
