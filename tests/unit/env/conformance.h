#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "tests/unit/env/backend.h"

namespace trialog::conformance {

using MakeBackend = std::unique_ptr<Backend> (*)();

/// The promises of core/env, told as stories. Each story gets a new backend.
class Conformance : public testing::TestWithParam<MakeBackend> {
 protected:
  Conformance() : backend_(GetParam()()) {}

  Backend& backend() { return *backend_; }
  Env& a() { return backend_->a(); }
  Env& b() { return backend_->b(); }
  /// Runs a story to its end.
  void run(Task<void> story) { EXPECT_TRUE(backend_->run(std::move(story))) << "it never ended"; }

 private:
  std::unique_ptr<Backend> backend_;
};

class Tasks : public Conformance {};
class Clocks : public Conformance {};
class Networks : public Conformance {};
class Disks : public Conformance {};

}  // namespace trialog::conformance

/// Runs the whole suite on a backend; `make` is a `MakeBackend`. One line in the backend's own
/// file.
#define TRIALOG_RUN_CONFORMANCE(name, make)                                                        \
  INSTANTIATE_TEST_SUITE_P(name, Tasks, testing::Values(trialog::conformance::MakeBackend(make))); \
  INSTANTIATE_TEST_SUITE_P(name, Clocks,                                                           \
                           testing::Values(trialog::conformance::MakeBackend(make)));              \
  INSTANTIATE_TEST_SUITE_P(name, Networks,                                                         \
                           testing::Values(trialog::conformance::MakeBackend(make)));              \
  INSTANTIATE_TEST_SUITE_P(name, Disks, testing::Values(trialog::conformance::MakeBackend(make)))
