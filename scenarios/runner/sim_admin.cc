// The verbs of an administrator, as the simulator carries them out.
#include <fmt/format.h>

#include "scenarios/runner/sim_backend.h"

namespace trialog::scenarios {
namespace {

constexpr Duration election_limit = seconds(60);

Problem problem(const Step& step, std::string text) {
  return {step.line, step.words[0].column, std::move(text)};
}

/// Whether asking again may help: a refusal that says no is final.
bool is_final(const client::ClientError& error) {
  return error.code() != ErrorCode::none && !is_retriable(error.code());
}

Task<void> hold_election(client::Admin& admin, TopicPartition partition,
                         client::Admin::Election how, std::string& trouble) {
  for (;;) {
    auto held = co_await admin.elect_leader(partition, how);
    if (held || held.error().code() == ErrorCode::election_not_needed) co_return;
    if (!is_final(held.error())) continue;
    trouble = held.error().text();
    co_return;
  }
}

/// Done when the partition is where it should be.
Task<void> move_replicas(Env env, client::Admin& admin, TopicPartition partition,
                         std::vector<NodeId> replicas, std::string& trouble) {
  constexpr auto look_again_after = milliseconds(200);
  for (bool asked = false; !asked;) {
    auto moved = co_await admin.reassign(partition, replicas);
    asked = moved.has_value();
    if (asked || !is_final(moved.error())) continue;
    trouble = moved.error().text();
    co_return;
  }
  for (;;) {
    auto under_way = co_await admin.reassignments();
    if (under_way && !under_way->contains(partition)) co_return;
    co_await env.clock.sleep(look_again_after);
  }
}

}  // namespace

Parsed<void> SimBackend::elect(const Step& step) {
  const auto of = partition_named(step, step.words[0]);
  if (!of) return std::unexpected(of.error());
  const auto unclean = Settings(step).flag("unclean", false);
  if (!unclean) return std::unexpected(unclean.error());
  const auto how = *unclean ? client::Admin::Election::unclean : client::Admin::Election::preferred;
  if (*unclean) watcher_->inspector().permit_unclean(*of);
  auto& trouble = troubles_.emplace_back();
  work(step, hold_election(cluster_->clients().admin(), *of, how, trouble), election_limit);
  if (!trouble.empty()) return std::unexpected(problem(step, trouble));
  return {};
}

Parsed<void> SimBackend::reassign(const Step& step) {
  const auto of = partition_named(step, step.words[0]);
  if (!of) return std::unexpected(of.error());
  if (step.words[1].text != "to") {
    return std::unexpected(
        Problem{step.line, step.words[1].column, "expected 'to' and the brokers' numbers"});
  }
  const auto replicas = nodes_named(step, step.words[2]);
  if (!replicas) return std::unexpected(replicas.error());
  const auto limit = Settings(step).duration("within", seconds(120));
  if (!limit) return std::unexpected(limit.error());
  auto& clients = cluster_->clients();
  auto& trouble = troubles_.emplace_back();
  work(step, move_replicas(clients.env(), clients.admin(), *of, *replicas, trouble), *limit);
  if (!step.background && !trouble.empty()) return std::unexpected(problem(step, trouble));
  return {};
}

}  // namespace trialog::scenarios
