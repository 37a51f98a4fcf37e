/* plant.h - bugs that tests/planted/submission.sh builds in, one at a time, to prove that the tests
 * of submissions would notice them. Off in every build but that script's: -DPLANT_SUBMISSION=3
 * turns number 3 on. */
#ifndef JUDGE_PLANT_H
#define JUDGE_PLANT_H

#ifdef PLANT_SUBMISSION
#define PLANTED(number) (PLANT_SUBMISSION == (number))
#else
#define PLANTED(number) 0
#endif

#endif
