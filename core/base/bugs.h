#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>

namespace trialog {

/// Historical bugs that can be brought back, each at one place in the code, to prove that the
/// checkers find them. Only the testbed plants any; `trialogd` has no way to.
enum class Bug : std::size_t {
  count_before_sync,          // A record counts as durable before the sync covers it.
  trust_index_after_crash,    // Recovery believes an index more than the batches.
  append_after_failed_write,  // The log goes on after a failed write (KAFKA-10778).
  no_duplicate_window,        // A retried batch is not recognised (Redpanda 3039).
  duplicate_window_of_one,    // Only the last batch is remembered (KAFKA-5494).
};

struct BugName {
  Bug bug;
  std::string_view name;
};
inline constexpr std::array<BugName, 5> bug_names{{
    {Bug::count_before_sync, "count_before_sync"},
    {Bug::trust_index_after_crash, "trust_index_after_crash"},
    {Bug::append_after_failed_write, "append_after_failed_write"},
    {Bug::no_duplicate_window, "no_duplicate_window"},
    {Bug::duplicate_window_of_one, "duplicate_window_of_one"},
}};

constexpr std::optional<Bug> bug_named(std::string_view name) {
  for (const auto& entry : bug_names) {
    if (entry.name == name) return entry.bug;
  }
  return std::nullopt;
}

/// The set of bugs planted in one node; empty everywhere but in the testbed.
class Bugs {
 public:
  bool has(Bug bug) const { return planted_[static_cast<std::size_t>(bug)]; }
  void plant(Bug bug) { planted_.set(static_cast<std::size_t>(bug)); }
  bool any() const { return planted_.any(); }

 private:
  std::bitset<bug_names.size()> planted_;
};

}  // namespace trialog
