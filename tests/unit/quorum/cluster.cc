#include "tests/unit/quorum/cluster.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace trialog::quorum::test {
namespace {

constexpr Duration sync_time = milliseconds(20);
constexpr Duration fetch_gap = milliseconds(40);
constexpr Duration request_timeout = milliseconds(700);

Voter voter(const ReplicaKey& key) { return {key.id, key.directory, {}, 0, 1}; }

std::string text(const Record& record) {
  return std::to_string(record.value) + " of epoch " + std::to_string(record.epoch.value);
}

}  // namespace

Cluster::Cluster(std::uint64_t seed, int voters, int observers, Bugs bugs, Faults faults)
    : random_(seed), bugs_(bugs), faults_(faults) {
  std::vector<Voter> first;
  for (int id = 1; id <= voters + observers; ++id) {
    auto& made = nodes_[NodeId(id)];
    made.key = {NodeId(id), Uuid::random(random_)};
    if (id <= voters) first.push_back(voter(made.key));
  }
  first_voters_ = *VoterSet::of(first);
  for (auto& [id, made] : nodes_) start(made);
}

Duration Cluster::some(Duration most) {
  return Duration(
      static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.count()))));
}

Cluster::Node& Cluster::some_node() {
  auto found = nodes_.begin();
  std::advance(found, random_.below(nodes_.size()));
  return found->second;
}

void Cluster::step() {
  auto first = queue_.begin();
  now_ = std::max(now_, first->first);
  const auto act = std::move(first->second);
  queue_.erase(first);
  act();
}

void Cluster::runs(Duration duration) {
  const auto end = now_ + duration;
  // After the first thing that cannot be, anything can.
  while (violations_.empty() && !queue_.empty() && queue_.begin()->first <= end) step();
  now_ = end;
}

void Cluster::suffers(Duration duration) {
  rough_ = true;
  after(some(faults_.crash_gap), [this] { crash_something(); });
  after(some(faults_.cut_gap), [this] { cut_something(); });
  after(some(faults_.change_gap), [this] { change_voters(); });
  after(milliseconds(1), [this] { write_something(); });
  runs(duration);
  rough_ = false;
}

void Cluster::heals() {
  cut_.clear();
  for (auto& [id, each] : nodes_) {
    if (!each.machine) start(each);
  }
}

bool Cluster::commits_everywhere(Duration within) {
  const auto end = now_ + within;
  while (now_ < end) {
    runs(milliseconds(100));
    for (auto& [id, each] : nodes_) {
      if (!each.machine || !each.machine->leads()) continue;
      append(each, Record(each.machine->epoch(), ++values_));
      const auto target = end_of(each).end;
      const auto voters = each.machine->voters();
      runs(seconds(3));
      const auto done = std::ranges::all_of(nodes_, [&](const auto& other) {
        return !voters.has(other.second.key) || other.second.machine->committed() >= target;
      });
      if (done) return true;
      break;
    }
  }
  return false;
}

// What nodes do.

void Cluster::start(Node& node) {
  ++node.life;
  node.fetching = false;
  VoterHistory history{VoterSet()};
  history.reset(Offset(0), first_voters_);
  for (std::size_t i = 0; i < node.disk.log.size(); ++i) {
    const auto& record = node.disk.log[i];
    if (record.voters) history.note(Offset(static_cast<std::int64_t>(i)), *record.voters);
  }
  node.disk.synced = node.disk.log.size();
  // Short beside the slowest messages, so that there are many elections, and many that meet.
  const Options options{.self = node.key,
                        .election_timeout = milliseconds(200),
                        .election_backoff_max = milliseconds(200),
                        .fetch_timeout = milliseconds(400),
                        .bugs = bugs_};
  const auto machine_seed = random_.next();
  node.machine = std::make_unique<Quorum>(
      options, Recovered(node.disk.ballot, end_of(node), std::move(history), Offset(0)),
      Random(machine_seed), now_);
  node.seen = Offset(0);
  if (node.machine->leads()) lead(node);  // One of the bugs.
  tick(node.key.id, node.life);
}

/// Everything synced stays, and some of the rest.
void Cluster::crash(Node& node) {
  node.machine.reset();
  ++node.life;
  const auto unsynced = node.disk.log.size() - node.disk.synced;
  node.disk.log.resize(node.disk.synced + random_.below(unsynced + 1));
  const auto down = random_.chance(500'000) ? milliseconds(50) : Duration(seconds(1));
  after(some(down), [this, id = node.key.id, life = node.life] {
    if (this->node(id).life == life) start(this->node(id));
  });
}

void Cluster::tick(NodeId id, std::uint64_t life) {
  auto& node = this->node(id);
  if (node.life != life || !node.machine) return;
  if (now_ >= node.machine->deadline()) carry_out(node, node.machine->on_time(now_), id);
  if (node.life != life || !node.machine) return;
  fetch(node);
  after(milliseconds(10) + some(fetch_gap), [this, id, life] { tick(id, life); });
}

void Cluster::carry_out(Node& node, Effects effects, NodeId asker) {
  const auto crashes = [&] { return rough_ && random_.chance(faults_.crash_amid_effects); };
  if (effects.persist) {
    if (crashes()) return crash(node);
    node.disk.ballot = *effects.persist;
    if (crashes()) return crash(node);
  }
  if (effects.role_changed && node.machine->leads()) lead(node);
  check_vote(node, node.machine->ballot());
  const auto from = node.key.id;
  if (effects.reply) {
    transmit(from, asker,
             [this, from, asker, reply = *effects.reply] { deliver(from, asker, reply); });
  }
  for (const auto& envelope : effects.send) {
    const auto to = envelope.to.id;
    transmit(from, to,
             [this, from, to, message = envelope.message] { deliver(from, to, message); });
  }
  check(node);
  if (effects.role_changed && rough_ && random_.chance(faults_.crash_after_change)) crash(node);
}

void Cluster::lead(Node& node) {
  const auto epoch = node.machine->epoch();
  const auto [known, fresh] = leaders_.emplace(epoch, node.key.id);
  if (!fresh && known->second != node.key.id) {
    violated("two leaders of epoch " + std::to_string(epoch.value));
  }
  for (std::size_t i = 0; i < committed_.size(); ++i) {
    if (i < node.disk.log.size() && node.disk.log[i] == committed_[i]) continue;
    violated("a leader without the committed record " + text(committed_[i]));
    break;
  }
  append(node, Record(epoch, ++values_));
}

void Cluster::append(Node& node, Record record) {
  const auto place = std::make_pair(record.epoch, node.disk.log.size());
  const auto [known, fresh] = written_.emplace(place, record.value);
  if (!fresh) violated("epoch and offset used twice: " + text(record));
  node.disk.log.push_back(record);
  node.machine->on_appended(end_of(node));
  if (record.voters) {
    node.machine->on_voters(now_, Offset(end_of(node).end.value - 1), *record.voters);
  }
  sync_later(node);
}

void Cluster::sync_later(Node& node) {
  const auto covers = node.disk.log.size();
  after(some(sync_time), [this, id = node.key.id, life = node.life, covers] {
    auto& synced = this->node(id);
    if (synced.life != life) return;
    const auto end = std::min(covers, synced.disk.log.size());
    synced.disk.synced = std::max(synced.disk.synced, end);
    const Offset offset(static_cast<std::int64_t>(end));
    carry_out(synced, synced.machine->on_synced(now_, offset), id);
  });
}

void Cluster::transmit(NodeId from, NodeId to, Act act) {
  if (cut_.contains({from, to})) return;
  if (rough_ && random_.chance(faults_.loss)) return;
  const auto slowest = rough_ && random_.chance(faults_.slow) ? faults_.slowest : milliseconds(5);
  if (rough_ && random_.chance(faults_.duplicate)) after(some(slowest), act);
  after(some(slowest), std::move(act));
}

void Cluster::deliver(NodeId from, NodeId to, const Message& message) {
  auto& receiver = node(to);
  if (!receiver.machine) return;
  carry_out(receiver, receiver.machine->on_message(now_, from, message), from);
}

void Cluster::fetch(Node& node) {
  auto& machine = *node.machine;
  if (machine.leads() || node.fetching || node.disk.synced < node.disk.log.size()) return;
  const auto role = machine.role_name();
  auto leader = machine.leader();
  if (role == RoleName::candidate || leader == node.key.id) leader.reset();
  // Whoever knows no leader asks one after the other.
  const NodeId to =
      leader.value_or(NodeId(1 + static_cast<std::int32_t>(node.next_peer++ % std::ssize(nodes_))));
  if (to == node.key.id || !nodes_.contains(to)) return;
  const FetchRequest request(machine.epoch(), node.key, end_of(node));
  node.fetching = true;
  const auto from = node.key.id;
  const auto life = node.life;
  transmit(from, to, [this, from, to, request, life] {
    if (!this->node(to).machine) return;
    const auto answered = answer(this->node(to), request);
    if (!answered) return;
    transmit(to, from, [this, from, request, life, reply = *answered] {
      auto& asker = this->node(from);
      if (asker.life != life || !asker.machine) return;
      asker.fetching = false;
      take(asker, request, reply);
    });
  });
  after(request_timeout, [this, from, life] {
    if (this->node(from).life == life) this->node(from).fetching = false;
  });
}

std::optional<Cluster::FetchAnswer> Cluster::answer(Node& node, const FetchRequest& request) {
  auto& machine = *node.machine;
  FetchAnswer reply;
  reply.epoch = machine.epoch();
  reply.leader = machine.leader();
  if (!machine.leads() || request.epoch != machine.epoch()) return reply;
  reply.valid = true;
  const auto ours = end_of_epoch(node, request.position.last_epoch);
  if (ours.last_epoch != request.position.last_epoch || ours.end < request.position.end) {
    reply.diverging = ours;
    return reply;
  }
  const auto from = request.position.end;
  carry_out(node, machine.on_fetch(now_, request.from, from), request.from.id);
  if (!node.machine || !node.machine->leads()) return std::nullopt;
  reply.at = from;
  const auto first = static_cast<std::size_t>(from.value);
  const auto last = std::min(node.disk.log.size(), first + 1 + random_.below(4));
  for (auto i = first; i < last; ++i) reply.records.push_back(node.disk.log[i]);
  reply.high_watermark = node.machine->committed();
  return reply;
}

void Cluster::take(Node& node, const FetchRequest& request, const FetchAnswer& answer) {
  auto& machine = *node.machine;
  if (!answer.valid) {
    return carry_out(node, machine.on_leader_named(now_, answer.epoch, answer.leader), node.key.id);
  }
  const bool outdated = machine.epoch() != answer.epoch || machine.leads() ||
                        end_of(node) != request.position || machine.leader() != answer.leader;
  if (outdated) return;
  const auto life = node.life;
  const auto watermark = answer.diverging ? Offset(0) : answer.high_watermark;
  carry_out(node, machine.on_fetched(now_, answer.epoch, watermark), node.key.id);
  if (node.life != life) return;
  if (answer.diverging) {
    const auto own = end_of_epoch(node, answer.diverging->last_epoch);
    const auto end = std::min({own.end, answer.diverging->end, end_of(node).end});
    if (end < machine.committed()) return violated("told to truncate below the high watermark");
    node.disk.log.resize(static_cast<std::size_t>(end.value));
    node.disk.synced = std::min(node.disk.synced, node.disk.log.size());
    machine.on_truncated(now_, end_of(node));
    return;
  }
  for (const auto& record : answer.records) {
    node.disk.log.push_back(record);
    machine.on_appended(end_of(node));
    if (record.voters) {
      machine.on_voters(now_, Offset(end_of(node).end.value - 1), *record.voters);
    }
  }
  if (!answer.records.empty()) sync_later(node);
}

LogEnd Cluster::end_of(const Node& node) const {
  const auto& log = node.disk.log;
  return {log.empty() ? Epoch(0) : log.back().epoch, Offset(std::ssize(log))};
}

/// The newest epoch up to `epoch`, and where its records end.
LogEnd Cluster::end_of_epoch(const Node& node, Epoch epoch) const {
  const auto& log = node.disk.log;
  const auto behind =
      std::ranges::find_if(log, [epoch](const Record& record) { return record.epoch > epoch; });
  const auto count = behind - log.begin();
  return {count == 0 ? Epoch(0) : (behind - 1)->epoch, Offset(count)};
}

// What happens to them.

void Cluster::write_something() {
  if (!rough_) return;
  for (auto& [id, each] : nodes_) {
    if (!each.machine || !each.machine->leads()) continue;
    append(each, Record(each.machine->epoch(), ++values_));
  }
  after(some(milliseconds(200)), [this] { write_something(); });
}

void Cluster::change_voters() {
  if (!rough_) return;
  for (auto& [id, each] : nodes_) {
    if (!each.machine || !each.machine->leads()) continue;
    auto& machine = *each.machine;
    const auto& other = some_node();
    const bool is_voter = machine.voters().has(other.key);
    if (is_voter && machine.voters().size() <= 2) continue;
    if (!is_voter && !machine.caught_up(now_, other.key, seconds(10))) continue;
    const auto changed = is_voter ? machine.removing(other.key) : machine.adding(voter(other.key));
    if (!changed) continue;
    ++voter_changes_;
    append(each, Record(machine.epoch(), ++values_, *changed));
  }
  after(some(faults_.change_gap), [this] { change_voters(); });
}

void Cluster::cut_something() {
  if (!rough_) return;
  const auto lonely = some_node().key.id;
  const bool one_way = random_.chance(300'000);
  for (const auto& [id, each] : nodes_) {
    cut_[{lonely, id}] = true;
    if (!one_way) cut_[{id, lonely}] = true;
  }
  after(some(faults_.cut_gap), [this] { cut_.clear(); });
  after(some(faults_.cut_gap), [this] { cut_something(); });
}

void Cluster::crash_something() {
  if (!rough_) return;
  auto& victim = some_node();
  if (victim.machine) crash(victim);
  after(some(faults_.crash_gap), [this] { crash_something(); });
}

// What must never be.

void Cluster::check_vote(const Node& node, const Ballot& ballot) {
  if (!ballot.vote) return;
  const auto [known, fresh] =
      votes_.emplace(std::make_pair(node.key.id, ballot.epoch), *ballot.vote);
  if (!fresh && known->second != *ballot.vote) {
    violated("node " + std::to_string(node.key.id.value) + " voted twice in epoch " +
             std::to_string(ballot.epoch.value));
  }
}

void Cluster::check(Node& node) {
  const auto committed = node.machine->committed();
  if (committed < node.seen) violated("the high watermark fell");
  const auto& log = node.disk.log;
  for (auto i = static_cast<std::size_t>(node.seen.value); std::cmp_less(i, committed.value); ++i) {
    CHECK(i < log.size());
    if (i == committed_.size()) committed_.push_back(log[i]);
    if (log[i] != committed_[i]) {
      violated("offset " + std::to_string(i) + ": committed " + text(committed_[i]) + ", then " +
               text(log[i]));
    }
  }
  node.seen = committed;
}

}  // namespace trialog::quorum::test
