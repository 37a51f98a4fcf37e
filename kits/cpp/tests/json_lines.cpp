// json_lines.cpp - checks of what is looked up and built; then each line of the input as parser and printer have it,
// or "refused" (tests/kits/json_cases.py asks).
#include "kit/json.hpp"

#include <cstdlib>
#include <iostream>
#include <limits>

static void check(bool good, const char *what) {
    if (!good) {
        std::cerr << what << "\n";
        std::exit(1);
    }
}
#define CHECK(condition) check(condition, #condition)

int main() {
    Json v = {{"type", "vote"}, {"term", 7}, {"log", Json::array({1, "two", nullptr})}, {"half", 0.5}, {"yes", true}};
    CHECK(v.dump() == R"({"half":0.5,"log":[1,"two",null],"term":7,"type":"vote","yes":true})");
    CHECK(Json::parse(v.dump()) == v);
    CHECK(v["term"].to_int() == 7 && v["term"].to_double() == 7 && v["type"].text() == "vote" && v["yes"].to_bool());
    CHECK(v["log"][1].text() == "two" && v["log"][3].is_null() && v["log"]["x"].is_null() && v["none"]["x"][0].is_null());
    CHECK(v["type"].to_int(-1) == -1 && v["term"].text().empty() && v["half"].to_int(-1) == -1 && v["half"].to_double() == 0.5);
    CHECK(v.size() == 5 && v["log"].size() == 3 && v["type"].size() == 0 && v.has("half") && !v.has("none"));
    CHECK(Json(1) != Json(1.0) && Json(1.0).dump() == "1.0" && Json(1e300).to_double() == 1e300);
    CHECK(Json::array({}).dump() == "[]" && Json::object().dump() == "{}" && Json().dump() == "null");
    CHECK(Json::list(std::vector<int>{1, 2}).dump() == "[1,2]" && Json::array({Json::array({1})}).dump() == "[[1]]");
    Json built;
    built.set("a", 1);
    built.set("a", "new");
    Json list;
    list.push(std::move(built));
    CHECK(list.dump() == R"([{"a":"new"}])");
    try {
        Json bad(std::numeric_limits<double>::quiet_NaN());
        CHECK(!"a NaN is taken");
    } catch (const JsonError &) {
    }

    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        try {
            std::cout << Json::parse(line).dump() << "\n";
        } catch (const JsonError &) {
            std::cout << "refused\n";
        }
    }
}
