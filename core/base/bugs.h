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
  count_before_sync,           // A record counts as durable before the sync covers it.
  trust_index_after_crash,     // Recovery believes an index more than the batches.
  append_after_failed_write,   // The log goes on after a failed write (KAFKA-10778).
  no_duplicate_window,         // A retried batch is not recognised (Redpanda 3039).
  duplicate_window_of_one,     // Only the last batch is remembered (KAFKA-5494).
  truncate_to_high_watermark,  // A follower cuts to its stale high watermark (KIP-101).
  no_epoch_fence_on_fetch,     // A leader counts a follower of another epoch (KIP-320, KAFKA-7395).
  join_isr_before_epoch_start,  // A follower short of the epoch's start joins (KAFKA-7128).
  empty_epoch_not_recorded,     // A leader that wrote nothing leaves no epoch (KAFKA-7415).
  watermark_before_truncation,  // The watermark of a diverging answer is used (KAFKA-14704).
  pending_isr_shrink_trusted,   // A proposed, smaller in-sync set counts already (KIP-497).
  pending_isr_growth_ignored,   // A proposed, larger in-sync set does not count yet (KIP-497).
  last_replica_standing,   // The last of the in-sync set leads again after a power loss (KIP-966).
  ack_before_replication,  // acks=all is answered after the local append.
  vote_not_persisted,      // A voter forgets its vote in a crash (KAFKA-10533).
  leader_resumes_after_restart,  // A restarted leader goes on in its old epoch (KAFKA-10527).
  vote_for_shorter_log,  // A vote is given to a log that is behind (Raft's up-to-date rule).
};

struct BugName {
  Bug bug;
  std::string_view name;
};
inline constexpr std::array<BugName, 17> bug_names{{
    {Bug::count_before_sync, "count_before_sync"},
    {Bug::trust_index_after_crash, "trust_index_after_crash"},
    {Bug::append_after_failed_write, "append_after_failed_write"},
    {Bug::no_duplicate_window, "no_duplicate_window"},
    {Bug::duplicate_window_of_one, "duplicate_window_of_one"},
    {Bug::truncate_to_high_watermark, "truncate_to_high_watermark"},
    {Bug::no_epoch_fence_on_fetch, "no_epoch_fence_on_fetch"},
    {Bug::join_isr_before_epoch_start, "join_isr_before_epoch_start"},
    {Bug::empty_epoch_not_recorded, "empty_epoch_not_recorded"},
    {Bug::watermark_before_truncation, "watermark_before_truncation"},
    {Bug::pending_isr_shrink_trusted, "pending_isr_shrink_trusted"},
    {Bug::pending_isr_growth_ignored, "pending_isr_growth_ignored"},
    {Bug::last_replica_standing, "last_replica_standing"},
    {Bug::ack_before_replication, "ack_before_replication"},
    {Bug::vote_not_persisted, "vote_not_persisted"},
    {Bug::leader_resumes_after_restart, "leader_resumes_after_restart"},
    {Bug::vote_for_shorter_log, "vote_for_shorter_log"},
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
