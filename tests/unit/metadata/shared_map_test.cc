#include "core/metadata/shared_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace trialog::metadata::test {
namespace {

using Map = SharedMap<int, int>;

std::map<int, int> plain(const Map& map) { return {map.begin(), map.end()}; }

RC_GTEST_PROP(SharedMap, IsAMapWhoseCopiesStayWhatTheyWere, ()) {
  Map map;
  std::map<int, int> model;
  std::vector<std::pair<Map, std::map<int, int>>> copies;
  const auto steps = *rc::gen::inRange(0, 400);
  for (int i = 0; i < steps; ++i) {
    const auto key = *rc::gen::inRange(0, 200);
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        copies.emplace_back(map, model);
        break;
      case 1:
      case 2:
        map.erase(key);
        model.erase(key);
        break;
      default:
        map.edit(key) = i;
        model[key] = i;
    }
    const auto probe = *rc::gen::inRange(-1, 201);
    const auto found = map.lower_bound(probe);
    const auto expected = model.lower_bound(probe);
    RC_ASSERT((found == map.end()) == (expected == model.end()));
    if (found != map.end()) RC_ASSERT(found->first == expected->first);
    RC_ASSERT(map.contains(probe) == model.contains(probe));
  }
  RC_ASSERT(plain(map) == model);
  RC_ASSERT(map.size() == model.size());
  for (const auto& [copy, then] : copies) RC_ASSERT(plain(copy) == then);
}

TEST(SharedMap, GoesBothWays) {
  Map map;
  for (int i = 0; i < 100; ++i) map.edit(i) = i;
  int expected = 100;
  for (auto at = map.end(); at != map.begin();) EXPECT_EQ((--at)->second, --expected);
  EXPECT_EQ(map.at(50), 50);
}

TEST(SharedMap, IsEqualByWhatItHolds) {
  Map a, b;
  for (int i = 0; i < 100; ++i) a.edit(i) = i;
  for (int i = 99; i >= 0; --i) b.edit(i) = i;
  EXPECT_EQ(a, b);
  b.edit(3) = 0;
  EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace trialog::metadata::test
