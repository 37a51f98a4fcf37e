/* plant.h - bugs that tests/planted/course.sh builds in, one at a time, to prove that the tests of
 * the course would notice them. Off in every build but that script's: -DPLANT_COURSE=3 turns number
 * 3 on. */
#ifndef COURSE_PLANT_H
#define COURSE_PLANT_H

#ifdef PLANT_COURSE
#define PLANTED(number) (PLANT_COURSE == (number))
#else
#define PLANTED(number) 0
#endif

#endif
