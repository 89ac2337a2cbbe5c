#include "tests/unit/partition/model.h"

#include <algorithm>
#include <array>
#include <utility>

namespace trialog::partition::model {
namespace {

constexpr Duration max_lag = seconds(10);

template <class T>
std::optional<T> take_any(std::vector<T>& list, Random& random) {
  if (list.empty()) return std::nullopt;
  const auto index = random.below(list.size());
  T taken = std::move(list[index]);
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(index));
  return taken;
}

}  // namespace

void Log::append(Record record) {
  if (record.epoch > latest()) begin(record.epoch);
  records_.push_back(record);
}

void Log::begin(Epoch epoch) {
  if (epoch <= latest()) return;
  std::erase_if(epochs_, [this](const Beginning& b) { return b.start >= end(); });
  epochs_.push_back({epoch, end()});
}

void Log::cut(Offset end) {
  records_.resize(static_cast<std::size_t>(end.value));
  std::erase_if(epochs_, [end](const Beginning& b) { return b.start >= end; });
  kept_ = std::min(kept_, end);
}

EpochEnd Log::end_of(Epoch epoch) const {
  if (epoch == latest()) return {epoch, end()};
  const auto higher =
      std::ranges::find_if(epochs_, [epoch](const Beginning& b) { return b.epoch > epoch; });
  if (higher == epochs_.end()) return {no_epoch, Offset(-1)};
  if (higher == epochs_.begin()) return {epoch, higher->start};
  return {std::prev(higher)->epoch, higher->start};
}

Cluster::Cluster(Options options, std::uint64_t seed) : options_(options), random_(seed) {
  // Each run is about something else: what is rare in one is frequent in the next.
  constexpr std::array<std::uint64_t, weights> usual{150, 150, 180, 160, 160, 60, 20,
                                                     70,  8,   4,   10,  6,   12, 10};
  for (std::size_t i = 0; i < weights; ++i) {
    const auto factor = random_.below(4);
    weights_[i] = std::max<std::uint64_t>(usual[i] * factor * factor / 3, 1);
    total_weight_ += weights_[i];
  }
  auto& first = image_.assignment;
  first.leader = NodeId(0);
  first.leader_epoch = Epoch(0);
  first.partition_epoch = 0;
  first.min_isr = options_.min_isr;
  const int in_sync = random_.chance(500'000) ? 2 : options_.nodes;
  nodes_.resize(static_cast<std::size_t>(options_.nodes));
  for (int i = 0; i < options_.nodes; ++i) {
    const NodeId id(i);
    node(id).id = id;
    node(id).laziness = static_cast<std::uint32_t>(random_.below(4) * 320'000);
    first.replicas.push_back(id);
    if (i < in_sync) first.isr.insert(id);
    image_.available.insert(id);
    image_.broker_epochs[id] = 0;
  }
  for (auto& each : nodes_) {
    partition::Options machine;
    machine.self = each.id;
    machine.max_lag = max_lag;
    machine.bugs = options_.bugs;
    each.replica = std::make_unique<Replica>(machine, each.log.ends(), Offset(0));
    learn(each);
  }
  if (in_sync == 2 && random_.chance(300'000)) open();
}

/// How KAFKA-7128 begins: two replicas are in sync, the first fails, the second leads without
/// knowing all that is committed, and fails once the third has had a chance to join.
void Cluster::open() {
  auto& first = nodes_[0];
  auto& second = nodes_[1];
  auto& third = nodes_[2];
  for (auto left = random_.below(40); left > 0; --left) {
    if (random_.chance(300'000)) produce(first);
    sync(random_.chance(500'000) ? first : second);
    begin_fetch(second);
    random_.chance(600'000) ? deliver_fetch() : deliver_answer();
    acknowledge();
  }
  fence(first.id);
  learn(second);
  learn(third);
  for (auto left = random_.below(6); left > 0; --left) {
    begin_fetch(third);
    deliver_fetch();
    deliver_answer();
    deliver_proposal();
  }
  fence(second.id);
}

void Cluster::broken(std::string what) {
  if (violation_.empty()) violation_ = std::move(what);
}

void Cluster::step() {
  now_ += milliseconds(random_.below(40));
  auto& some = any_node();
  auto dice = random_.below(total_weight_);
  std::size_t action = 0;
  while (dice >= weights_[action]) dice -= weights_[action++];
  happen(static_cast<Action>(action), some);
  if (leader_falls_in_ > 0 && --leader_falls_in_ == 0 && image_.assignment.leader.value >= 0) {
    fence(image_.assignment.leader);
  }
  for (auto& each : nodes_) {
    if (each.up) carry_out(each, each.replica->on_time(now_, each.log.ends()));
  }
  acknowledge();
  check();
}

void Cluster::happen(Action action, Node& some) {
  switch (action) {
    case Action::produce:
      return produce(node(image_.assignment.leader.value >= 0 && random_.chance(700'000)
                              ? image_.assignment.leader
                              : some.id));
    case Action::sync:
      return sync(some);
    case Action::begin_fetch:
      return begin_fetch(some);
    case Action::deliver_fetch:
      return deliver_fetch();
    case Action::deliver_answer:
      return deliver_answer();
    case Action::deliver_proposal:
      return deliver_proposal();
    case Action::lose:
      return lose_something();
    case Action::learn:
      return learn(some);
    case Action::wait:
      now_ += milliseconds(random_.below(6000));
      return;
    case Action::crash:
      return crash(some);
    case Action::restart:
      return restart(some);
    case Action::fence:
      fence(some.id);
      // Where one fails, another often does soon after; the new leader then knows little.
      leader_falls_in_ = static_cast<int>(random_.below(60));
      return;
    case Action::unfence:
      return unfence(some.id);
    case Action::move_leader:
      return move_leader(some.id);
    case Action::count:
      return;
  }
}

void Cluster::settle() {
  for (auto& each : nodes_) {
    each.laziness = 0;
    restart(each);
  }
  for (auto& each : nodes_) unfence(each.id);
  for (int round = 0; round < 2000 && violation_.empty() && laggard(); ++round) {
    now_ += milliseconds(100);
    for (auto& each : nodes_) {
      learn(each);
      sync(each);
      begin_fetch(each);
    }
    while (!fetches_.empty()) deliver_fetch();
    while (!answers_.empty()) deliver_answer();
    for (std::size_t left = 2 * proposals_.size(); left > 0; --left) deliver_proposal();
    acknowledge();
    check();
  }
  if (const auto late = laggard()) {
    const auto& each = node(*late);
    const auto text = [](auto value) { return std::to_string(value.value); };
    broken("replica " + text(*late) + " does not catch up: it is " +
           std::string(name_of(each.replica->role_name())) + " at " + text(each.log.end()) +
           " with watermark " + text(each.replica->high_watermark()));
  }
}

std::optional<NodeId> Cluster::laggard() const {
  const auto leader = image_.assignment.leader;
  if (leader.value < 0) return std::nullopt;  // All who could lead have lost something.
  const auto end = nodes_.at(static_cast<std::size_t>(leader.value)).log.end();
  for (const auto& each : nodes_) {
    const bool knows = each.image.assignment.leader_epoch == image_.assignment.leader_epoch;
    const bool whole = each.log.end() == end && each.replica->high_watermark() == end;
    if (!knows || !whole) return each.id;
  }
  return std::nullopt;
}

void Cluster::produce(Node& leader) {
  if (!leader.up || !leader.replica->leads() || !leader.replica->isr_is_enough()) return;
  const Record record{leader.replica->leader_epoch(), next_value_++};
  const auto at = leader.log.end();
  const auto name = std::pair(record.epoch, at);
  if (named_.contains(name)) broken("one epoch and offset for two records");
  named_[name] = record.value;
  leader.log.append(record);
  sent_.push_back({leader.id, leader.broker_epoch, at, record});
  if (options_.page_cache) sync(leader);
}

void Cluster::acknowledge() {
  std::erase_if(sent_, [this](const Sent& sent) {
    auto& leader = node(sent.node);
    const bool same = leader.up && leader.broker_epoch == sent.broker_epoch &&
                      leader.replica->leads() &&
                      leader.replica->leader_epoch() == sent.record.epoch;
    if (!same) return true;
    if (!leader.replica->committed(sent.at + 1)) return false;
    const auto [place, fresh] = acknowledged_.try_emplace(sent.at, sent.record);
    if (!fresh && place->second != sent.record) broken("two acknowledged records in one place");
    return true;
  });
}

void Cluster::sync(Node& some) {
  if (!some.up) return;
  some.log.keep();
  carry_out(some, some.replica->on_kept(now_, some.log.ends()));
}

void Cluster::carry_out(Node& some, const Effects& effects) {
  if (effects.begin_epoch) some.log.begin(*effects.begin_epoch);
  if (effects.truncate_to) {
    const bool planted = options_.bugs.has(Bug::truncate_to_high_watermark);
    if (*effects.truncate_to < some.replica->high_watermark() && !planted) {
      broken("a follower cuts what it called committed");
    }
    some.log.cut(*effects.truncate_to);
    some.log.keep();
    some.replica->on_truncated(some.log.end());
  }
  if (effects.propose) {
    std::erase_if(proposals_, [&](const Asked& asked) { return asked.from == some.id; });
    proposals_.push_back({some.id, some.broker_epoch, *effects.propose, std::nullopt});
  }
}

void Cluster::begin_fetch(Node& some) {
  if (random_.chance(some.laziness)) return;
  if (!some.up || some.fetch_number != 0) return;
  const auto* following = std::get_if<Following>(&some.replica->role());
  if (following == nullptr || some.log.kept() != some.log.end()) return;
  Fetch fetch;
  fetch.number = some.fetch_number = next_fetch_++;
  fetch.to = following->leader;
  fetch.about.from = some.id;
  fetch.about.leader_epoch = following->epoch;
  fetch.about.broker_epoch = some.broker_epoch;
  fetch.about.position = some.log.end();
  fetch.last_epoch = some.log.latest();
  fetches_.push_back(fetch);
}

void Cluster::deliver_fetch() {
  auto fetch = take_any(fetches_, random_);
  if (!fetch) return;
  auto& from = node(fetch->about.from);
  if (!node(fetch->to).up) {
    if (from.fetch_number == fetch->number) from.fetch_number = 0;
    return;
  }
  answers_.push_back(answer(node(fetch->to), *fetch));
}

Cluster::Answer Cluster::answer(Node& leader, const Fetch& fetch) {
  Answer answer;
  answer.number = fetch.number;
  answer.to = fetch.about.from;
  answer.epoch = fetch.about.leader_epoch;
  answer.position = fetch.about.position;
  auto about = fetch.about;
  about.registered_epoch = leader.image.broker_epochs.at(about.from);
  about.available = leader.image.available.contains(about.from);
  answer.error = leader.replica->admit(now_, about, leader.log.ends());
  if (answer.error != ErrorCode::none) return answer;
  answer.watermark = leader.replica->high_watermark();
  answer.leader_end = leader.log.end();
  if (fetch.last_epoch != no_epoch) {
    const auto end = leader.log.end_of(fetch.last_epoch);
    if (end.epoch == no_epoch) {
      answer.error = ErrorCode::offset_out_of_range;
      return answer;
    }
    if (end.epoch < fetch.last_epoch || end.end < about.position) {
      answer.diverging = end;
      return answer;
    }
  }
  if (about.position > leader.log.end()) {
    answer.error = ErrorCode::offset_out_of_range;
    return answer;
  }
  carry_out(leader, leader.replica->on_follower_fetch(now_, about, leader.log.ends()));
  const auto count = static_cast<std::int64_t>(random_.below(4));
  const auto end = std::min(leader.log.end(), about.position + count);
  for (auto i = about.position; i < end; i = i + 1) {
    answer.records.push_back(leader.log.at(static_cast<std::size_t>(i.value)));
  }
  answer.watermark = leader.replica->high_watermark();
  return answer;
}

void Cluster::deliver_answer() {
  auto answer = take_any(answers_, random_);
  if (!answer) return;
  auto& some = node(answer->to);
  if (!some.up || some.fetch_number != answer->number) return;
  some.fetch_number = 0;
  take(some, *answer);
}

void Cluster::take(Node& some, const Answer& answer) {
  if (!some.replica->follows(answer.epoch) || some.log.end() != answer.position) return;
  const auto before = some.log.ends();
  if (answer.error == ErrorCode::offset_out_of_range) {
    return carry_out(
        some, some.replica->on_out_of_range(answer.epoch, Offset(0), answer.leader_end, before));
  }
  if (answer.error != ErrorCode::none) return;
  if (answer.diverging) {
    const auto ours = some.log.end_of(answer.diverging->epoch);
    return carry_out(some, some.replica->on_diverging(answer.epoch, answer.watermark,
                                                      *answer.diverging, ours, before));
  }
  for (const auto& record : answer.records) some.log.append(record);
  if (options_.page_cache) some.log.keep();
  carry_out(some, some.replica->on_leader_answer(answer.epoch, answer.watermark, some.log.ends()));
}

void Cluster::deliver_proposal() {
  auto asked = take_any(proposals_, random_);
  if (!asked) return;
  auto& from = node(asked->from);
  if (!asked->answer) {
    asked->answer = decide(*asked);
    proposals_.push_back(std::move(*asked));
  } else if (from.up && from.broker_epoch == asked->broker_epoch) {
    carry_out(from,
              from.replica->on_isr_answer(now_, asked->proposal, *asked->answer, from.log.ends()));
  }
}

void Cluster::lose_something() {
  if (auto fetch = take_any(fetches_, random_)) {
    auto& from = node(fetch->about.from);
    if (from.fetch_number == fetch->number) from.fetch_number = 0;
  }
  if (auto answer = take_any(answers_, random_)) {
    if (node(answer->to).fetch_number == answer->number) node(answer->to).fetch_number = 0;
  }
  if (auto asked = take_any(proposals_, random_)) {
    asked->answer = IsrAnswer();
    asked->answer->error = ErrorCode::unknown_server_error;
    proposals_.push_back(std::move(*asked));
  }
}

void Cluster::learn(Node& some) {
  if (!some.up) return;
  some.image = image_;
  carry_out(some, some.replica->on_assignment(now_, image_.assignment, some.log.ends()));
}

void Cluster::crash(Node& some) {
  if (!some.up) return;
  some.up = false;
  some.checkpoint = Offset(static_cast<std::int64_t>(
      random_.below(static_cast<std::uint64_t>(some.replica->high_watermark().value) + 1)));
  some.fetch_number = 0;
  auto keep = some.log.kept();
  // Page cache only survives the process; this is a power loss.
  if (options_.page_cache) keep = std::max(Offset(0), keep + -static_cast<int>(random_.below(4)));
  some.log.cut(keep);
  some.log.keep();
  std::erase_if(proposals_, [&](const Asked& asked) { return asked.from == some.id; });
}

void Cluster::restart(Node& some) {
  if (some.up) return;
  some.up = true;
  some.broker_epoch = next_broker_epoch_++;
  image_.broker_epochs[some.id] = some.broker_epoch;
  image_.available.erase(some.id);
  auto isr = image_.assignment.isr;
  const bool lossy = options_.page_cache;
  if (lossy || isr.size() > 1) isr.erase(some.id);
  if (lossy) {
    set_isr(isr, {some.id});
  } else {
    set_isr(isr, {});
  }
  elect(image_.assignment.leader == some.id);
  partition::Options machine;
  machine.self = some.id;
  machine.max_lag = max_lag;
  machine.bugs = options_.bugs;
  some.replica = std::make_unique<Replica>(machine, some.log.ends(), some.checkpoint);
  learn(some);
}

void Cluster::check() {
  const auto leader = image_.assignment.leader;
  // One that lost its tail is found out when it registers again; until then it serves nobody.
  if (leader.value >= 0 && node(leader).up) {
    const auto& log = node(leader).log;
    const bool same = leader_checked_ == image_.assignment.leader_epoch;
    for (const auto& [at, record] : acknowledged_) {
      if (same && acknowledged_.size() == acknowledged_checked_) break;
      const bool there = at < log.end() && log.at(static_cast<std::size_t>(at.value)) == record;
      if (!there) broken("the elected leader lacks an acknowledged record");
    }
    leader_checked_ = image_.assignment.leader_epoch;
    acknowledged_checked_ = acknowledged_.size();
  }
  if (next_check_-- > 0) return;
  next_check_ = 10;
  for (const auto& a : nodes_) {
    if (a.up && a.replica->high_watermark() > a.log.end()) broken("a watermark behind the end");
    for (const auto& b : nodes_) {
      if (a.id < b.id) check_pair(a, b);
    }
  }
}

void Cluster::check_pair(const Node& a, const Node& b) {
  if (!a.up || !b.up) return;
  const auto end = std::min(a.replica->high_watermark(), b.replica->high_watermark());
  for (std::size_t i = 0; i < static_cast<std::size_t>(end.value); ++i) {
    if (a.log.at(i) != b.log.at(i)) return broken("two logs differ below their watermarks");
  }
}

}  // namespace trialog::partition::model
