#include "scenarios/runner/sim_backend.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "scenarios/runner/checks/delivery.h"

namespace trialog::scenarios {
namespace {

constexpr Duration recovery_limit = seconds(180);
constexpr int lookups_per_partition = 4;

}  // namespace

SimBackend::SimBackend(const Scenario& scenario, RunOptions options)
    : scenario_(scenario), options_(std::move(options)) {}

Parsed<Report> SimBackend::run() {
  if (auto opened = open_cluster(); !opened) return std::unexpected(opened.error());
  for (const auto& step : scenario_.steps) {
    if (step.verb.text == "cluster") continue;
    if (auto done = carry_out(step); !done) return std::unexpected(done.error());
    draw_clients(step);
    if (report_.verdict == Verdict::liveness) break;
  }
  if (report_.verdict != Verdict::liveness) recover(recovery_limit);
  if (report_.verdict != Verdict::liveness) final_read();
  if (report_.verdict != Verdict::liveness) judge();
  auto& world = cluster_->world();
  report_.hash = world.hash();
  report_.events = world.events();
  report_.simulated = world.now() - sim::beginning;
  return report_;
}

Parsed<void> SimBackend::open_cluster() {
  metadata::Settings settings;
  report_.seed = 1;
  if (!scenario_.steps.empty() && scenario_.steps.front().verb.text == "cluster") {
    const auto& step = scenario_.steps.front();
    const Settings given(step);
    const auto brokers = given.count("brokers", 1);
    if (!brokers) return std::unexpected(brokers.error());
    if (*brokers != 1) {
      return std::unexpected(
          Problem{step.line, step.settings.at("brokers").column,
                  "brokers=" + std::to_string(*brokers) + ": a cluster has one broker so far"});
    }
    const auto seed = given.count("seed", 1);
    if (!seed) return std::unexpected(seed.error());
    report_.seed = static_cast<std::uint64_t>(*seed);
    const auto durability = given.choice("durability", "fsync", {"fsync", "page-cache"});
    if (!durability) return std::unexpected(durability.error());
    page_cache_ = *durability == "page-cache";
    settings["durability"] = *durability;
    for (const auto& [key, value] : step.settings) {
      if (key.find('.') != std::string::npos) settings[key] = value.text;
    }
  }
  if (options_.seed) report_.seed = *options_.seed;
  cluster_ = std::make_unique<SimCluster>(report_.seed, settings, options_.planted, history_);
  if (auto problem = cluster_->settings_problem(); !problem.empty()) {
    return std::unexpected(Problem{scenario_.steps.front().line, 1, problem});
  }
  cluster_->world().set_recorder(options_.recorder);
  if (options_.heard) cluster_->datacenter().listen(options_.heard_from, options_.heard);
  cluster_->boot();
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

void SimBackend::recover(Duration limit) {
  chaos_.reset();
  cluster_->heal();
  auto all_done = [&] { return std::ranges::all_of(work_, &Work::done); };
  if (!cluster_->run_until(all_done, limit, true)) {
    const auto open = std::ranges::find(work_, false, &Work::done);
    stuck(open->what, limit);
  }
}

void SimBackend::final_read() {
  // One more loss of power: whatever was only thought to be kept is gone now.
  cluster_->end_broker(!page_cache_);
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

void SimBackend::judge() {
  Promises promises;
  promises.acknowledged_kept = !page_cache_ || !cluster_->lost_power();
  auto violations = check_delivery(history_, promises);
  if (!violations.empty()) report_.raise(Verdict::safety);
  std::ranges::move(violations, std::back_inserter(report_.violations));
  const auto acknowledged = history_.count(Outcome::acknowledged);
  const auto& sends = history_.sends;
  const bool could = std::ranges::any_of(sends, [](const Send& send) { return send.acks != 0; });
  if (could && acknowledged == 0) report_.raise(Verdict::vacuous);
  auto& transcript = report_.transcript;
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
    transcript.push_back(fmt::format("holds: {}", fmt::join(delivery_properties(), ", ")));
  }
}

}  // namespace trialog::scenarios
