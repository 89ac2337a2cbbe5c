// The verbs of the language, as the simulator carries them out.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/runner/sim_backend.h"

namespace trialog::scenarios {
namespace {

constexpr Duration step_limit = seconds(180);

/// A fault of a disk as the language names it.
struct DiskVerb {
  std::string_view name;
  void (*begin)(sim::Volume& volume, const std::string& path);
};

template <sim::DiskFault fault>
void arm(sim::Volume& volume, const std::string& path) {
  volume.faults.arm(fault, path);
}

constexpr DiskVerb disk_faults[] = {
    {"fail_sync", arm<sim::DiskFault::sync_error>},
    {"fail_write", arm<sim::DiskFault::write_error>},
    {"fail_read", arm<sim::DiskFault::read_error>},
    {"rot", arm<sim::DiskFault::bit_rot>},
    {"full", [](sim::Volume& volume, const std::string&) { volume.capacity = 0; }},
    {"read_only", [](sim::Volume& volume, const std::string&) { volume.read_only = true; }},
    {"slow",
     [](sim::Volume& volume, const std::string&) { volume.speed.slow_per_million = 1'000'000; }},
    {"stall", [](sim::Volume& volume, const std::string&) { volume.stalled_until = sim::forever; }},
};

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
  if (verb == "heal") return cluster_->heal(), Parsed<void>();
  return process(step);
}

Parsed<void> SimBackend::topic(const Step& step) {
  const auto& name = step.words[0].text;
  const Settings given(step);
  const auto partitions = given.count("partitions", 1);
  if (!partitions) return std::unexpected(partitions.error());
  client::NewTopic topic(name, static_cast<std::int32_t>(*partitions), 1);
  for (const auto& [key, value] : step.settings) {
    if (key.find('.') != std::string::npos) topic.configs[key] = value.text;
  }
  std::string trouble;
  work(step, make_topic(cluster_->clients().admin(), std::move(topic), trouble), step_limit);
  if (!trouble.empty()) return std::unexpected(problem(step, step.words[0], trouble));
  topics_[name] = static_cast<std::int32_t>(*partitions);
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

Parsed<void> SimBackend::check_broker(const Step& step) const {
  if (step.words[0].text == "1") return {};
  return std::unexpected(
      problem(step, step.words[0],
              "there is no broker '" + step.words[0].text + "'; the brokers of this cluster: 1"));
}

Parsed<void> SimBackend::process(const Step& step) {
  if (auto known = check_broker(step); !known) return known;
  const auto& verb = step.verb.text;
  auto& broker = cluster_->broker();
  if (verb == "crash") cluster_->end_broker(true);
  if (verb == "kill") cluster_->end_broker(false);
  if (verb == "restart") cluster_->start_broker();
  if (verb == "pause" && broker.running() && !broker.paused()) broker.pause();
  if (verb == "resume" && broker.running() && broker.paused()) broker.resume();
  if (verb == "stop" && !cluster_->stop_broker(step_limit)) {
    stuck("the clean stop of line " + std::to_string(step.line), step_limit);
  }
  return {};
}

Parsed<std::string> SimBackend::host_named(const Step& step, const Step::Word& word) const {
  if (word.text == "client") return std::string("client");
  if (word.text == "1") return std::string("broker1");
  return std::unexpected(
      problem(step, word, "there is no '" + word.text + "'; known here: client, 1"));
}

Parsed<void> SimBackend::cut(const Step& step) {
  const auto a = host_named(step, step.words[0]), b = host_named(step, step.words[2]);
  if (!a) return std::unexpected(a.error());
  if (!b) return std::unexpected(b.error());
  auto& fabric = cluster_->datacenter().fabric();
  const auto& how = step.words[1];
  if (how.text == "from") return fabric.cut_both(*a, *b), Parsed<void>();
  if (how.text == "to") return fabric.cut(*a, *b), Parsed<void>();
  return std::unexpected(problem(step, how, "expected 'from' (both ways) or 'to' (one way)"));
}

Parsed<void> SimBackend::reset(const Step& step) {
  const auto a = host_named(step, step.words[0]), b = host_named(step, step.words[2]);
  if (!a) return std::unexpected(a.error());
  if (!b) return std::unexpected(b.error());
  auto& fabric = cluster_->datacenter().fabric();
  for (const auto& connection : fabric.connections()) {
    const bool forth = connection.from == *a && connection.to == *b;
    const bool back = connection.from == *b && connection.to == *a;
    if (forth || back) fabric.reset(connection.id);
  }
  return {};
}

Parsed<void> SimBackend::network(const Step& step) {
  const Settings given(step);
  sim::LinkSettings link;
  const auto latency = given.duration("latency", link.latency);
  const auto jitter = given.duration("jitter", link.jitter);
  const auto bandwidth = given.size("bandwidth", 0);
  const auto resets = given.count("resets", 0), flips = given.count("flips", 0);
  if (!latency) return std::unexpected(latency.error());
  if (!jitter) return std::unexpected(jitter.error());
  if (!bandwidth) return std::unexpected(bandwidth.error());
  if (!resets) return std::unexpected(resets.error());
  if (!flips) return std::unexpected(flips.error());
  link.latency = *latency;
  link.jitter = *jitter;
  link.bytes_per_second = static_cast<std::uint64_t>(*bandwidth);
  link.resets_per_million = static_cast<std::uint32_t>(*resets);
  link.flips_per_million = static_cast<std::uint32_t>(*flips);
  cluster_->datacenter().fabric().link("broker1", "client") = link;
  cluster_->datacenter().fabric().link("client", "broker1") = link;
  return {};
}

Parsed<void> SimBackend::disk(const Step& step) {
  if (auto known = check_broker(step); !known) return known;
  const Settings given(step);
  const auto lasting = given.duration("for", Duration{0});
  if (!lasting) return std::unexpected(lasting.error());
  const auto& name = step.words[1].text;
  const auto fault = std::ranges::find(disk_faults, name, &DiskVerb::name);
  if (fault == std::end(disk_faults)) {
    std::vector<std::string> known;
    for (const auto& entry : disk_faults) known.emplace_back(entry.name);
    return std::unexpected(problem(
        step, step.words[1],
        "unknown fault '" + name + "' of a disk; did you mean '" + nearest(name, known) + "'?"));
  }
  auto& broker = cluster_->broker();
  auto& world = cluster_->world();
  world.record(broker.index(), "disk.fault", sim::digest(name), name);
  fault->begin(broker.volume(), given.text("path").value_or(""));
  if (name == "stall" && *lasting > Duration{0}) {
    broker.volume().stalled_until = world.now() + *lasting;
  } else if (*lasting > Duration{0}) {
    world.after(*lasting, broker.index(), "disk.heal", [this] { cluster_->heal_disk(); });
  }
  return {};
}

Parsed<void> SimBackend::clock(const Step& step) {
  if (auto known = check_broker(step); !known) return known;
  const Settings given(step);
  const auto jump = given.duration("jump", Duration{0});
  const auto drift = given.count("drift", 0);
  if (!jump) return std::unexpected(jump.error());
  if (!drift) return std::unexpected(drift.error());
  if (*jump != Duration{0}) cluster_->broker().jump_wall_clock(*jump);
  if (given.text("drift")) {
    cluster_->broker().set_clock_drift(static_cast<std::int32_t>(*drift));
  }
  return {};
}

Parsed<void> SimBackend::chaos(const Step& step) {
  const Settings given(step);
  const auto lasting = given.duration("for", seconds(10));
  const auto every = given.duration("every", Duration{0});
  if (!lasting) return std::unexpected(lasting.error());
  if (!every) return std::unexpected(every.error());
  std::vector<sim::Family> families;
  const auto named = given.text("families").value_or("process,network,disk,clock");
  for (std::size_t at = 0; at <= named.size();) {
    const auto end = std::min(named.find(',', at), named.size());
    const auto family = sim::family_named(named.substr(at, end - at));
    if (!family) {
      return std::unexpected(problem(step, step.settings.at("families"),
                                     "unknown family '" + named.substr(at, end - at) +
                                         "'; known: process, network, disk, clock"));
    }
    families.push_back(*family);
    at = end + 1;
  }
  auto& world = cluster_->world();
  auto profile = *every > Duration{0} ? sim::FaultProfile::steady(families, *every)
                                      : sim::FaultProfile::draw(world.random("profile"), families);
  // Kafka protects records by a CRC, and nothing else: a bit that turns in an offset is believed.
  profile.acts &= ~(std::uint64_t{1} << static_cast<unsigned>(sim::Act::flip));
  sim::Chaos::Scope scope;
  scope.machines.emplace_back("broker1");
  chaos_ = std::make_unique<sim::Chaos>(cluster_->datacenter(), profile, scope);
  chaos_->run_for(*lasting);
  if (!step.background) world.run_for(*lasting);
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

Parsed<void> SimBackend::expect(const Step& step) {
  const auto& quantity = step.words[0].text;
  const std::map<std::string, std::int64_t> known{
      {"acknowledged", static_cast<std::int64_t>(history_.count(Outcome::acknowledged))},
      {"unknown", static_cast<std::int64_t>(history_.count(Outcome::unknown))},
      {"failed", static_cast<std::int64_t>(history_.count(Outcome::failed))},
      {"read", static_cast<std::int64_t>(history_.reads.size())},
      {"restarts", cluster_->starts() - 1},
  };
  const auto found = known.find(quantity);
  if (found == known.end()) {
    return std::unexpected(problem(step, step.words[0],
                                   "nothing is counted as '" + quantity +
                                       "'; known: acknowledged, failed, read, restarts, unknown"));
  }
  const auto value = found->second;
  const Settings given(step);
  const auto exact = given.count("is", value), least = given.count("at_least", value),
             most = given.count("at_most", value);
  if (!exact) return std::unexpected(exact.error());
  if (!least) return std::unexpected(least.error());
  if (!most) return std::unexpected(most.error());
  if (value == *exact && value >= *least && value <= *most) return {};
  report_.raise(value < *least ? Verdict::vacuous : Verdict::safety);
  report_.violations.push_back(
      {"expectation", fmt::format("line {}: {} is {}", step.line, quantity, value)});
  return {};
}

}  // namespace trialog::scenarios
