#include "scenarios/runner/sim_backend.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "scenarios/runner/checks/delivery.h"

namespace trialog::scenarios {
namespace {

constexpr Duration recovery_limit = seconds(180);
constexpr Duration boot_limit = seconds(60);
constexpr int lookups_per_partition = 4;
constexpr std::int64_t most_members = 9;

}  // namespace

SimBackend::SimBackend(const Scenario& scenario, RunOptions options)
    : scenario_(scenario), options_(std::move(options)) {}

Parsed<Report> SimBackend::run() {
  if (auto opened = open_cluster(); !opened) return std::unexpected(opened.error());
  for (const auto& step : scenario_.steps) {
    if (report_.verdict == Verdict::liveness) break;
    if (step.verb.text == "cluster") continue;
    if (auto done = carry_out(step); !done) return std::unexpected(done.error());
    draw_clients(step);
  }
  if (report_.verdict != Verdict::liveness) recover(recovery_limit);
  if (report_.verdict != Verdict::liveness) final_read();
  judge_inside();
  if (report_.verdict != Verdict::liveness) judge();
  auto& world = cluster_->world();
  world.set_recorder(nullptr);
  report_.hash = world.hash();
  report_.events = world.events();
  report_.simulated = world.now() - sim::beginning;
  return report_;
}

Parsed<ClusterPlan> SimBackend::cluster_plan() {
  ClusterPlan plan;
  report_.seed = 1;
  if (!scenario_.steps.empty() && scenario_.steps.front().verb.text == "cluster") {
    const auto& step = scenario_.steps.front();
    const Settings given(step);
    const auto brokers = given.count("brokers", 1), controllers = given.count("controllers", 0);
    if (!brokers) return std::unexpected(brokers.error());
    if (!controllers) return std::unexpected(controllers.error());
    if (*brokers < 1 || *brokers > most_members || *controllers < 0 ||
        *controllers > most_members) {
      return std::unexpected(
          Problem{step.line, step.verb.column,
                  fmt::format("a cluster has 1 to {} brokers and 0 to {} controllers besides",
                              most_members, most_members)});
    }
    plan.brokers = static_cast<int>(*brokers);
    plan.controllers = static_cast<int>(*controllers);
    plan.racks = given.list("racks", "");
    const auto seed = given.count("seed", 1);
    if (!seed) return std::unexpected(seed.error());
    report_.seed = static_cast<std::uint64_t>(*seed);
    const auto durability = given.choice("durability", "fsync", {"fsync", "page-cache"});
    if (!durability) return std::unexpected(durability.error());
    page_cache_ = *durability == "page-cache";
    plan.settings["durability"] = *durability;
    for (const auto& [key, value] : step.settings) {
      if (key.find('.') != std::string::npos) plan.settings[key] = value.text;
    }
  }
  if (options_.seed) report_.seed = *options_.seed;
  return plan;
}

Parsed<void> SimBackend::open_cluster() {
  auto plan = cluster_plan();
  if (!plan) return std::unexpected(plan.error());
  cluster_ =
      std::make_unique<SimCluster>(report_.seed, std::move(*plan), options_.planted, history_);
  if (auto problem = cluster_->settings_problem(); !problem.empty()) {
    return std::unexpected(Problem{scenario_.steps.front().line, 1, problem});
  }
  watcher_ = std::make_unique<Watcher>(*cluster_, options_.recorder, page_cache_);
  if (cluster_->permits_unclean()) watcher_->inspector().permit_unclean();
  cluster_->world().set_recorder(watcher_.get());
  if (options_.heard) cluster_->datacenter().listen(options_.heard_from, options_.heard);
  watcher_->tell(options_.heard);
  cluster_->boot();
  // The story begins when all are there.
  const auto all_serve = [&] {
    return std::ranges::all_of(cluster_->members(), &SimCluster::Member::serves);
  };
  if (!cluster_->plan().is_alone() && !cluster_->run_until(all_serve, boot_limit, false)) {
    stuck("the start of the cluster", boot_limit);
  }
  return {};
}

void SimBackend::work(const Step& step, Task<void> task, Duration limit) {
  auto& work = work_.emplace_back();
  work.what = "line " + std::to_string(step.line) + ", " + step.verb.text;
  cluster_->clients().run(std::move(task), work.done);
  if (step.background) return;
  if (!cluster_->run_until([&] { return work.done; }, limit, false)) stuck(work.what, limit);
}

void SimBackend::stuck(const std::string& what, Duration limit) {
  report_.raise(Verdict::liveness);
  report_.violations.push_back(
      {"stuck", fmt::format("{} did not end within {} s", what, limit / seconds(1))});
}

void SimBackend::draw_clients(const Step& step) {
  if (options_.picture == nullptr) return;
  const auto at = cluster_->world().now() - sim::beginning;
  auto text = step.verb.text;
  for (const auto& word : step.words) text += " " + word.text;
  options_.picture->clients_did(at, text, viz::Tone::plain);
  for (const auto& [outcome, name] :
       {std::pair(Outcome::acknowledged, "acknowledged"), std::pair(Outcome::failed, "failed")}) {
    const auto count = history_.count(outcome);
    if (count == drawn_[outcome]) continue;
    drawn_[outcome] = count;
    const bool good = outcome == Outcome::acknowledged;
    options_.picture->clients_did(at, fmt::format("{} records {}", count, name),
                                  good ? viz::Tone::work : viz::Tone::trouble);
  }
}

std::string SimBackend::unwell() {
  for (auto& member : cluster_->members()) {
    if (!member.serves()) return member.plan.host + " does not serve";
  }
  if (cluster_->plan().is_alone()) return "";
  const auto image = cluster_->image();
  for (const auto& [name, topic] : image->topics()) {
    for (const auto& [index, partition] : topic->partitions) {
      const auto text = TopicPartition(name, index).text();
      if (partition.leader == metadata::no_leader) return text + " has no leader";
      if (partition.isr.size() < partition.replicas.size()) {
        return fmt::format("{} has {} of {} replicas in sync", text, partition.isr.size(),
                           partition.replicas.size());
      }
      if (!partition.adding.empty() || !partition.removing.empty()) {
        return text + " is being reassigned";
      }
    }
  }
  return "";
}

void SimBackend::recover(Duration limit) {
  chaos_.reset();
  cluster_->heal();
  const auto open = [&] { return std::ranges::find(work_, false, &Work::done); };
  const auto begin = cluster_->world().now();
  if (!cluster_->run_until([&] { return open() == work_.end(); }, limit, true)) {
    return stuck(open()->what, limit);
  }
  const auto left = limit - (cluster_->world().now() - begin);
  if (!cluster_->run_until([&] { return unwell().empty(); }, left, true)) {
    stuck("recovery: " + unwell() + ", which", limit);
  }
}

void SimBackend::final_read() {
  // One more loss of power: whatever was only thought to be kept is gone now.
  for (auto& member : cluster_->members()) cluster_->end(member, !page_cache_);
  std::vector<TopicPartition> partitions;
  for (const auto& [topic, count] : topics_) {
    for (std::int32_t p = 0; p < count; ++p) partitions.emplace_back(topic, p);
  }
  bool done = false;
  auto& clients = cluster_->clients();
  clients.run(clients.workload().final_read(partitions, lookups_per_partition), done);
  if (!cluster_->run_until([&] { return done; }, recovery_limit, true)) {
    stuck("the final read", recovery_limit);
  }
}

void SimBackend::judge_inside() {
  watcher_->catch_up();
  auto violations = watcher_->inspector().take();
  if (!violations.empty()) report_.raise(Verdict::safety);
  std::ranges::move(violations, std::back_inserter(report_.violations));
}

void SimBackend::tell_reigns() {
  if (cluster_->plan().is_alone()) return;
  for (const auto& [partition, reigns] : watcher_->inspector().reigns()) {
    if (reigns.size() < 2) continue;
    std::string leaders;
    for (const auto& reign : reigns) {
      leaders += (leaders.empty() ? "" : " -> ") + std::to_string(reign.leader.value);
    }
    report_.transcript.push_back(
        fmt::format("{}/{}: leader {}, epoch {} -> {}", partition.topic, partition.partition,
                    leaders, reigns.front().epoch.value, reigns.back().epoch.value));
  }
}

void SimBackend::judge() {
  Promises promises;
  promises.leader_alone_keeps = cluster_->plan().is_alone();
  promises.excused = watcher_->losses().beyond();
  const auto unclean = watcher_->inspector().unclean();
  promises.excused.insert(unclean.begin(), unclean.end());
  auto violations = check_delivery(history_, promises);
  if (!violations.empty()) report_.raise(Verdict::safety);
  std::ranges::move(violations, std::back_inserter(report_.violations));
  const auto acknowledged = history_.count(Outcome::acknowledged);
  const auto& sends = history_.sends;
  const bool could = std::ranges::any_of(sends, [](const Send& send) { return send.acks != 0; });
  if (could && acknowledged == 0) report_.raise(Verdict::vacuous);
  auto& transcript = report_.transcript;
  tell_reigns();
  transcript.push_back(fmt::format("{} acknowledged, {} unknown, {} failed", acknowledged,
                                   history_.count(Outcome::unknown),
                                   history_.count(Outcome::failed)));
  std::map<std::string, std::size_t> problems;
  for (const auto& send : sends) {
    if (send.outcome != Outcome::acknowledged && send.acks != 0)
      ++problems[send.problem.substr(0, send.problem.find(':'))];
  }
  for (const auto& [text, count] : problems) {
    transcript.push_back(fmt::format("{} not acknowledged: {}", count, text));
  }
  if (report_.violations.empty()) {
    auto properties = delivery_properties();
    std::ranges::move(inside_properties(), std::back_inserter(properties));
    transcript.push_back(fmt::format("holds: {}", fmt::join(properties, ", ")));
  }
}

}  // namespace trialog::scenarios
