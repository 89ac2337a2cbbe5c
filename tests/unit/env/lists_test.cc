#include <gtest/gtest.h>

#include "core/env/executor.h"
#include "core/env/network.h"

namespace trialog {
namespace {

class Named : public Runnable {
 public:
  explicit Named(std::string_view name) : Runnable(name) {}
  void run() override {}
};

TEST(RunnableList, KeepsOrderAndForgetsTheDestroyed) {
  RunnableList list;
  Named a("a"), c("c");
  {
    Named b("b");
    list.push_back(a);
    list.push_back(b);
    list.push_back(c);
    EXPECT_EQ(list.size(), 3u);
  }
  EXPECT_EQ(list.size(), 2u);
  EXPECT_EQ(list.pop_front(), &a);
  EXPECT_EQ(list.pop_front(), &c);
  EXPECT_EQ(list.pop_front(), nullptr);
  EXPECT_TRUE(list.empty());
}

TEST(RunnableList, ARunnableIsInOneListAtATime) {
  RunnableList waiting, ready;
  Named a("a"), b("b");
  waiting.push_back(a);
  waiting.push_back(b);
  ready.push_back(a);
  EXPECT_EQ(waiting.size(), 1u);
  EXPECT_EQ(ready.size(), 1u);
  ready.push_back(a);
  EXPECT_EQ(ready.size(), 1u);
  EXPECT_EQ(ready.take(0), &a);
  EXPECT_FALSE(a.linked());
  EXPECT_TRUE(b.linked());
}

TEST(RunnableList, DestroyingAListLetsItsRunnablesGo) {
  Named a("a");
  {
    RunnableList list;
    list.push_back(a);
  }
  EXPECT_FALSE(a.linked());
  RunnableList another;
  another.push_back(a);
  EXPECT_EQ(another.size(), 1u);
}

TEST(RunnableList, TakesFromAnywhere) {
  RunnableList list;
  Named a("a"), b("b"), c("c");
  for (auto* one : {&a, &b, &c}) list.push_back(*one);
  EXPECT_EQ(list.take(1), &b);
  EXPECT_EQ(list.take(1), &c);
  EXPECT_EQ(list.take(0), &a);
}

TEST(Endpoint, IsWrittenAsHostAndPort) {
  EXPECT_EQ(Endpoint("node1", 9092).text(), "node1:9092");
  EXPECT_EQ(Endpoint("::1", 9092).text(), "[::1]:9092");
  EXPECT_LT(Endpoint("a", 2), Endpoint("b", 1));
}

}  // namespace
}  // namespace trialog
