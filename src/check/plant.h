/* plant.h - mistakes that tests/planted/check.sh builds in, one at a time, to prove that the tests
 * of this folder would notice them. Off in every build but that script's: -DPLANT_CHECK=7 turns
 * number 7 on. */
#ifndef CHECK_PLANT_H
#define CHECK_PLANT_H

#ifdef PLANT_CHECK
#define PLANTED(number) (PLANT_CHECK == (number))
#else
#define PLANTED(number) 0
#endif

#endif
