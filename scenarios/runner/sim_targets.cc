// Whom the words of a step mean at the moment at which it is done.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/runner/sim_backend.h"

namespace trialog::scenarios {
namespace {

/// How long a step waits for there to be a leader at all.
constexpr Duration leader_limit = seconds(60);
constexpr auto client = "client";

Problem problem(const Step& step, const Step::Word& word, std::string text) {
  return {step.line, word.column, std::move(text)};
}

}  // namespace

Parsed<TopicPartition> SimBackend::partition_named(const Step& step, const Step::Word& word) const {
  const auto slash = word.text.find('/');
  const auto topic = topics_.find(word.text.substr(0, slash));
  if (topic == topics_.end()) {
    return std::unexpected(
        problem(step, word, "there is no topic '" + word.text.substr(0, slash) + "' so far"));
  }
  const auto index = slash == std::string::npos ? std::optional<std::int64_t>(0)
                                                : parse_count(word.text.substr(slash + 1));
  if (!index || *index < 0 || *index >= topic->second) {
    return std::unexpected(
        problem(step, word,
                fmt::format("'{}' has the partitions 0 to {}", topic->first, topic->second - 1)));
  }
  return TopicPartition(topic->first, static_cast<std::int32_t>(*index));
}

Parsed<std::vector<NodeId>> SimBackend::nodes_named(const Step& step,
                                                    const Step::Word& word) const {
  std::vector<NodeId> nodes;
  for (const auto& part : parse_list(word.text)) {
    const auto id = parse_count(part);
    if (!id || *id < 0 || *id > 1'000'000) {
      return std::unexpected(problem(step, word, "expected brokers' numbers such as 2,3,1"));
    }
    nodes.emplace_back(static_cast<std::int32_t>(*id));
  }
  return nodes;
}

/// "leader(orders/0)": waits until there is one.
Parsed<SimBackend::Members> SimBackend::role(const Step& step, const Step::Word& word,
                                             const std::string& name) {
  const auto open = name.find('(');
  Step::Word inner;
  inner.text = name.substr(open + 1, name.size() - open - 2);
  inner.column = word.column + open + 1;
  const auto of = partition_named(step, inner);
  if (!of) return std::unexpected(of.error());
  metadata::Partition partition;
  const auto led = [&] {
    const auto image = cluster_->image();
    const auto* found = image == nullptr ? nullptr : image->partition(of->topic, of->partition);
    if (found != nullptr) partition = *found;
    return partition.leader != metadata::no_leader;
  };
  if (!cluster_->run_until(led, leader_limit, false)) {
    stuck(fmt::format("line {}: {} has no leader, which", step.line, of->text()), leader_limit);
    return Members();
  }
  if (name.starts_with("leader(")) return Members{cluster_->find(partition.leader)};
  Members followers;
  for (const auto id : partition.replicas) {
    if (id != partition.leader) followers.push_back(cluster_->find(id));
  }
  if (name.starts_with("follower(") && followers.size() > 1) followers.resize(1);
  return followers;
}

Parsed<SimBackend::Members> SimBackend::members_of(const Step& step, const Step::Word& word,
                                                   const std::string& name) {
  if (name == "all") {
    Members all;
    for (auto& member : cluster_->members()) all.push_back(&member);
    return all;
  }
  if (name == "controller") {
    SimCluster::Member* leads = nullptr;
    const auto found = [&] { return (leads = cluster_->controller()) != nullptr; };
    if (cluster_->run_until(found, leader_limit, false)) return Members{leads};
    stuck(fmt::format("line {}: there is no controller, which", step.line), leader_limit);
    return Members();
  }
  for (const auto* kind : {"leader(", "follower(", "followers("}) {
    if (name.starts_with(kind) && name.ends_with(')')) return role(step, word, name);
  }
  if (auto* member = cluster_->find(name)) return Members{member};
  std::vector<std::string> known;
  for (const auto& member : cluster_->members()) known.push_back(member.plan.name);
  return std::unexpected(problem(
      step, word,
      fmt::format("there is no broker '{}'; known here: {}, all, controller, leader(TOPIC/0), "
                  "follower(TOPIC/0), followers(TOPIC/0)",
                  name, fmt::join(known, ", "))));
}

Parsed<SimBackend::Members> SimBackend::members_named(const Step& step, const Step::Word& word) {
  Members members;
  for (const auto& part : parse_list(word.text)) {
    auto some = members_of(step, word, part);
    if (!some) return std::unexpected(some.error());
    for (auto* member : *some) {
      if (std::ranges::find(members, member) == members.end()) members.push_back(member);
    }
  }
  return members;
}

Parsed<SimBackend::Hosts> SimBackend::hosts_named(const Step& step, const Step::Word& word) {
  Hosts hosts;
  for (const auto& part : parse_list(word.text)) {
    if (part == client) {
      hosts.emplace_back(client);
      continue;
    }
    const auto some = members_of(step, word, part);
    if (!some) return std::unexpected(some.error());
    for (const auto* member : *some) hosts.push_back(member->plan.host);
  }
  return hosts;
}

Parsed<std::vector<std::pair<std::string, std::string>>> SimBackend::pairs_named(const Step& step) {
  const auto from = hosts_named(step, step.words[0]), to = hosts_named(step, step.words[2]);
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& a : *from) {
    for (const auto& b : *to) {
      if (a != b) pairs.emplace_back(a, b);
    }
  }
  return pairs;
}

}  // namespace trialog::scenarios
