// The verbs of the language, as the simulator carries them out.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "scenarios/runner/sim_backend.h"

namespace trialog::scenarios {
namespace {

constexpr Duration step_limit = seconds(180);

Problem problem(const Step& step, const Step::Word& word, std::string text) {
  return {step.line, word.column, std::move(text)};
}

Task<void> make_topic(client::Admin& admin, client::NewTopic topic, std::string& trouble) {
  for (;;) {
    auto made = co_await admin.create_topic(topic);
    if (made || made.error().code() == ErrorCode::topic_already_exists) co_return;
    if (made.error().code() != ErrorCode::none && !is_retriable(made.error().code())) {
      trouble = made.error().text();
      co_return;
    }
  }
}

}  // namespace

Parsed<void> SimBackend::carry_out(const Step& step) {
  const auto& verb = step.verb.text;
  if (verb == "topic") return topic(step);
  if (verb == "produce") return produce(step);
  if (verb == "consume") return consume(step);
  if (verb == "cut") return cut(step);
  if (verb == "reset") return reset(step);
  if (verb == "network") return network(step);
  if (verb == "disk") return disk(step);
  if (verb == "clock") return clock(step);
  if (verb == "chaos") return chaos(step);
  if (verb == "wait") return wait(step);
  if (verb == "settle") return settle(step);
  if (verb == "expect") return expect(step);
  if (verb == "elect") return elect(step);
  if (verb == "reassign") return reassign(step);
  if (verb == "heal") return cluster_->heal(), Parsed<void>();
  return process(step);
}

Parsed<void> SimBackend::topic(const Step& step) {
  const auto& name = step.words[0].text;
  const Settings given(step);
  const auto partitions = given.count("partitions", 1);
  if (!partitions) return std::unexpected(partitions.error());
  const auto replicas = given.count("replicas", cluster_->plan().replicas());
  if (!replicas) return std::unexpected(replicas.error());
  client::NewTopic topic(name, static_cast<std::int32_t>(*partitions),
                         static_cast<std::int16_t>(*replicas));
  if (const auto least = given.text("min_isr")) topic.configs["min.insync.replicas"] = *least;
  for (const auto& [key, value] : step.settings) {
    if (key.find('.') != std::string::npos) topic.configs[key] = value.text;
  }
  std::string trouble;
  work(step, make_topic(cluster_->clients().admin(), std::move(topic), trouble), step_limit);
  if (!trouble.empty()) return std::unexpected(problem(step, step.words[0], trouble));
  topics_[name] = static_cast<std::int32_t>(*partitions);
  const bool unclean = given.text(std::string(unclean_setting)) == "true";
  for (std::int32_t p = 0; unclean && p < *partitions; ++p) {
    watcher_->inspector().permit_unclean(TopicPartition(name, p));
  }
  return {};
}

Parsed<std::vector<TopicPartition>> SimBackend::partitions_named(const Step& step) const {
  const auto& word = step.words[0];
  const auto slash = word.text.find('/');
  const auto topic = word.text.substr(0, slash);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) {
    return std::unexpected(problem(step, word, "there is no topic '" + topic + "' so far"));
  }
  std::vector<TopicPartition> partitions;
  if (slash == std::string::npos) {
    for (std::int32_t p = 0; p < found->second; ++p) partitions.emplace_back(topic, p);
    return partitions;
  }
  const auto partition = parse_count(word.text.substr(slash + 1));
  if (!partition || *partition < 0 || *partition >= found->second) {
    return std::unexpected(problem(
        step, word, fmt::format("'{}' has the partitions 0 to {}", topic, found->second - 1)));
  }
  partitions.emplace_back(topic, static_cast<std::int32_t>(*partition));
  return partitions;
}

Parsed<void> SimBackend::produce(const Step& step) {
  auto order = produce_order(step);
  if (!order) return std::unexpected(order.error());
  work(step, cluster_->clients().workload().produce(std::move(*order)), step_limit);
  return {};
}

Parsed<void> SimBackend::consume(const Step& step) {
  auto order = consume_order(step);
  if (!order) return std::unexpected(order.error());
  const auto limit = Settings(step).duration("within", seconds(60));
  if (!limit) return std::unexpected(limit.error());
  work(step, cluster_->clients().workload().consume(std::move(*order)), *limit);
  return {};
}

Parsed<void> SimBackend::wait(const Step& step) {
  const auto duration = parse_duration(step.words[0].text);
  if (!duration || *duration < Duration{0}) {
    return std::unexpected(
        problem(step, step.words[0], "expected a duration such as 250ms, 5s, 2m or 1h"));
  }
  cluster_->world().run_for(*duration);
  return {};
}

Parsed<void> SimBackend::settle(const Step& step) {
  const auto limit = Settings(step).duration("within", seconds(120));
  if (!limit) return std::unexpected(limit.error());
  recover(*limit);
  return {};
}

std::optional<std::int64_t> SimBackend::quantity(const std::string& name,
                                                 const std::optional<TopicPartition>& of) {
  if (name == "acknowledged") return history_.count(Outcome::acknowledged);
  if (name == "unknown") return history_.count(Outcome::unknown);
  if (name == "failed") return history_.count(Outcome::failed);
  if (name == "read") return history_.reads.size();
  if (name == "restarts") return cluster_->restarts();
  if (!of) return std::nullopt;
  const auto image = cluster_->image();
  const auto* partition = image == nullptr ? nullptr : image->partition(of->topic, of->partition);
  const metadata::Partition unknown;
  if (partition == nullptr) partition = &unknown;
  if (name == "isr") return partition->isr.size();
  if (name == "replicas") return partition->replicas.size();
  if (name == "leader") return partition->leader.value;
  if (name == "epoch") return partition->leader_epoch.value;
  if (name == "eligible") return partition->eligible.size();
  return std::nullopt;
}

Parsed<void> SimBackend::expect(const Step& step) {
  const auto& name = step.words[0].text;
  std::optional<TopicPartition> of;
  if (step.words.size() > 1) {
    auto named = partition_named(step, step.words[1]);
    if (!named) return std::unexpected(named.error());
    of = std::move(*named);
  }
  const auto found = quantity(name, of);
  if (!found) {
    return std::unexpected(
        problem(step, step.words[0],
                "nothing is counted as '" + name + (of ? "' of a partition" : "'") +
                    "; known: acknowledged, failed, read, restarts, unknown, and of a partition: "
                    "eligible, epoch, isr, leader, replicas"));
  }
  constexpr auto least_of_all = std::numeric_limits<std::int64_t>::min();
  constexpr auto most_of_all = std::numeric_limits<std::int64_t>::max();
  const Settings given(step);
  const auto exact = given.count("is", 0), other = given.count("not", 0),
             least = given.count("at_least", least_of_all),
             most = given.count("at_most", most_of_all);
  const auto within = given.duration("within", Duration{0});
  if (!exact) return std::unexpected(exact.error());
  if (!other) return std::unexpected(other.error());
  if (!least) return std::unexpected(least.error());
  if (!most) return std::unexpected(most.error());
  if (!within) return std::unexpected(within.error());
  auto value = *found;
  const auto holds = [&] {
    value = *quantity(name, of);
    return value >= *least && value <= *most && (!given.text("is") || value == *exact) &&
           (!given.text("not") || value != *other);
  };
  if (cluster_->run_until(holds, *within, false)) return {};
  report_.raise(value < *least ? Verdict::vacuous : Verdict::safety);
  report_.violations.push_back(
      {"expectation", fmt::format("line {}: {}{} is {}", step.line, name,
                                  of ? " of " + of->text() : std::string(), value)});
  return {};
}

}  // namespace trialog::scenarios
