/* lin_plant.h - mistakes that tests/planted/lin.sh builds into the order checkers, one at a time,
 * to prove that the fuzzer or the tests would notice them. Off in every other build. */
#ifndef CHECK_LIN_PLANT_H
#define CHECK_LIN_PLANT_H

#ifdef PLANT_LIN
#define PLANTED_LIN(number) (PLANT_LIN == (number))
#else
#define PLANTED_LIN(number) 0
#endif

#endif
