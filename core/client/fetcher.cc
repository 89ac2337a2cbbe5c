#include "core/client/fetcher.h"

#include <algorithm>
#include <utility>

#include "core/client/backoff.h"

namespace trialog::client {
namespace {

/// One that the application reads, and one behind it.
constexpr std::size_t chunks_ahead = 2;

}  // namespace

Fetcher::Fetcher(Cluster& cluster, const ConsumerOptions& options, Places& places)
    : cluster_(cluster),
      options_(options),
      places_(places),
      random_(cluster.env.random.fork("client.fetcher")),
      tasks_(cluster.env.executor) {
  tasks_.spawn("client.fetcher", run());
}

void Fetcher::wake() {
  changed_ = true;
  cluster_.news.raise();
}

std::optional<std::int64_t> Fetcher::reset_time() const {
  switch (options_.auto_offset_reset) {
    case OffsetReset::earliest:
      return listed::earliest;
    case OffsetReset::latest:
      return listed::latest;
    case OffsetReset::none:
      return std::nullopt;
  }
  return std::nullopt;
}

Place* Fetcher::find(const Target& target) {
  const auto found = places_.find(target.partition);
  if (found == places_.end() || found->second.generation != target.generation) return nullptr;
  return &found->second;
}

void Fetcher::failed(Place& place) {
  ++place.failures;
  place.not_before =
      cluster_.env.clock.now() +
      backoff(options_.retry_backoff, options_.retry_backoff_max, place.failures, random_);
}

void Fetcher::go_on(Place& place, Offset from, Epoch last_epoch) {
  place.fetch_from = from;
  place.last_epoch = last_epoch;
  place.generation = next_generation();
}

Task<void> Fetcher::run() {
  auto& env = cluster_.env;
  while (true) {
    changed_ = false;
    const auto next = look(env.clock.now());
    if (changed_) continue;
    auto news = within(env.executor, env.clock, next, raised(cluster_.news));
    co_await news;
  }
}

/// Asks everything that may be asked now; returns when time alone makes more of it.
Instant Fetcher::look(Instant now) {
  Instant next = never;
  std::map<NodeId, Targets> positions;
  std::map<NodeId, Targets> fetches;
  std::set<NodeId> full;
  for (auto& [partition, place] : places_) {
    const bool unplaced = place.wanted_time.has_value();
    if (place.stuck || place.asking || (!unplaced && (!place.position || place.paused))) continue;
    const auto leader = cluster_.metadata.leader(partition);
    if (!leader) continue;
    const auto room = place.drain_first ? 1 : chunks_ahead;
    if (!unplaced && place.chunks.size() >= room) {
      full.insert(leader->node);
    } else if (place.not_before > now) {
      next = std::min(next, place.not_before);
    } else {
      auto& targets = unplaced ? positions[leader->node] : fetches[leader->node];
      targets.push_back({partition, place.generation});
    }
  }
  for (auto& [node, targets] : positions) {
    if (auto link = cluster_.link_to(node)) ask_positions(std::move(link), targets);
  }
  for (auto& [node, targets] : fetches) {
    // A fetch that waits at the broker would keep a partition waiting that is about to be read.
    if (full.contains(node) || fetching_.contains(node)) continue;
    auto link = cluster_.link_to(node);
    if (!link) continue;
    fetching_.insert(node);
    tasks_.run("client.fetch", fetch(node, std::move(link), std::move(targets)));
  }
  return next;
}

void Fetcher::ask_positions(ConnectionPool::LinkPtr link, const Targets& targets) {
  std::vector<OffsetQuery> queries;
  for (const auto& target : targets) {
    auto& place = places_.at(target.partition);
    place.asking = true;
    queries.emplace_back(target.partition, *place.wanted_time);
  }
  tasks_.run("client.position", position(std::move(link), targets, std::move(queries)));
}

Task<void> Fetcher::position(ConnectionPool::LinkPtr link, Targets targets,
                             std::vector<OffsetQuery> asked) {
  auto asking = ask_offsets(cluster_, std::move(link), std::move(asked), options_.isolation_level);
  auto findings = co_await asking;
  for (const auto& target : targets) {
    auto* place = find(target);
    if (place == nullptr) continue;
    place->asking = false;
    const auto finding = findings ? findings->find(target.partition) : OffsetFindings::iterator();
    if (!findings || finding == findings->end()) {
      cluster_.metadata.refresh();
      failed(*place);
    } else if (finding->second.error != ErrorCode::none) {
      on_error(*place, finding->second.error);
    } else if (finding->second.found.offset < Offset(0)) {
      failed(*place);  // Every log has a beginning and an end.
    } else {
      place->wanted_time.reset();
      place->position = finding->second.found.offset;
      go_on(*place, *place->position, no_epoch);
      place->failures = 0;
    }
  }
  wake();
}

}  // namespace trialog::client
