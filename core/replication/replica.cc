#include "core/replication/replica.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/check.h"
#include "core/replication/isr_proposals.h"

namespace trialog::replication {

Replica::Replica(ReplicaServices& services, TopicPartition name, Uuid id,
                 std::shared_ptr<log::PartitionLog> its_log)
    : partition(std::move(name)),
      topic_id(id),
      log(std::move(its_log)),
      services_(services),
      progress_(services.env.executor) {
  if (log != nullptr) machine_.emplace(services.machine, ends(), log->recovered_high_watermark());
}

partition::LogEnd Replica::ends() const { return {log->end(), log->committed_end()}; }

Offset Replica::high_watermark() const {
  if (alone_) return log->committed_end();
  return machine_ ? machine_->high_watermark() : Offset(0);
}

bool Replica::committed(Offset end) const {
  return alone_ ? log->committed_end() >= end : machine_->committed(end);
}

const partition::Leading* Replica::leading() const {
  return machine_ ? std::get_if<partition::Leading>(&machine_->role()) : nullptr;
}

void Replica::assign(partition::Assignment assignment, bool may_lead) {
  leader = assignment.leader;
  leader_epoch = assignment.leader_epoch;
  partition_epoch = assignment.partition_epoch;
  if (!machine_) return raise_all();
  if (!may_lead && assignment.leader == services_.machine.self) assignment.leader = NodeId(-1);
  const auto now = services_.env.clock.now();
  if (alone_) machine_->on_kept(now, ends());
  const auto led = leads() ? machine_->leader_epoch() : no_epoch;
  const bool sole = assignment.replicas.size() == 1;
  const auto effects = machine_->on_assignment(now, assignment, ends());
  if (led == no_epoch || leader_epoch > led.next()) led_since_ = leader_epoch;
  const bool alone = sole && machine_->leads();
  const bool changed = alone != alone_;
  if (changed) raise_all();
  alone_ = alone;
  log->counts_alone(alone);
  if (effects.truncate_to) cut_first_ = effects.truncate_to;
  carry_out(effects);
  if (changed || effects.moved) raise_all();
  if (alone_ || watched_ || log->failed()) return;
  watched_ = true;
  services_.tasks.run("replica", watch(shared_from_this()));
}

void Replica::retire() {
  retired_ = true;
  alone_ = false;
  if (machine_) {
    partition::Assignment nobody;
    nobody.leader = NodeId(-1);
    nobody.leader_epoch = machine_->leader_epoch();
    nobody.partition_epoch = machine_->partition_epoch();
    machine_->on_assignment(services_.env.clock.now(), nobody, ends());
  }
  raise_all();
}

/// Wakes whoever waits for anything, under whichever signal they began to.
void Replica::raise_all() {
  progress_.raise();
  if (log == nullptr) return;
  log->progress().raise();
  log->appended().raise();
  log->kept().raise();
}

Task<void> Replica::watch(std::shared_ptr<Replica> self) {
  auto& log = *self->log;
  while (!self->alone_ && !self->retired_ && !log.failed()) {
    const auto now = self->services_.env.clock.now();
    self->carry_out(self->machine_->on_kept(now, self->ends()));
    self->carry_out(self->machine_->on_log_start(log.start()));
    co_await log.progress().wait();
    self->progress_.raise();
  }
  self->watched_ = false;
}

void Replica::carry_out(const partition::Effects& effects) {
  if (effects.begin_epoch && !log->failed()) log->begin_epoch(*effects.begin_epoch);
  if (effects.propose) services_.proposals.propose(shared_from_this(), *effects.propose);
  if (!effects.moved) return;
  log->set_high_watermark(high_watermark());
  progress_.raise();
}

void Replica::check_isr() {
  if (!leads() || alone_) return;
  carry_out(machine_->on_time(services_.env.clock.now(), ends()));
}

void Replica::isr_answered(const partition::Proposal& asked, const partition::IsrAnswer& answer) {
  if (retired_ || !usable()) return;
  const auto now = services_.env.clock.now();
  carry_out(machine_->on_isr_answer(now, asked, answer, ends()));
  partition_epoch = machine_->partition_epoch();
}

ErrorCode Replica::admit(const partition::FollowerFetch& fetch) {
  return machine_->admit(services_.env.clock.now(), fetch, ends());
}

void Replica::fetched(const partition::FollowerFetch& fetch) {
  const auto& peers = leading()->peers;
  const auto peer = peers.find(fetch.from);
  const bool start_moved = peer != peers.end() && peer->second.log_start != fetch.log_start;
  carry_out(machine_->on_follower_fetch(services_.env.clock.now(), fetch, ends()));
  if (start_moved) progress_.raise();
}

void Replica::leader_answered(Epoch epoch, Offset leader_watermark) {
  carry_out(machine_->on_leader_answer(epoch, leader_watermark, ends()));
}

Task<Status> Replica::diverged(Epoch epoch, Offset leader_watermark, log::EpochEnd theirs) {
  const auto ours = log->end_of(theirs.epoch);
  auto effects =
      machine_->on_diverging(epoch, leader_watermark, partition::EpochEnd{theirs.epoch, theirs.end},
                             partition::EpochEnd{ours.epoch, ours.end}, ends());
  carry_out(effects);
  co_return co_await cut(std::move(effects));
}

Task<Status> Replica::out_of_range(Epoch epoch, Offset leader_start, Offset leader_end) {
  auto effects = machine_->on_out_of_range(epoch, leader_start, leader_end, ends());
  co_return co_await cut(std::move(effects));
}

Task<Status> Replica::cut(partition::Effects effects) {
  if (!effects.truncate_to && !effects.start_at) co_return Status();
  const auto end = effects.start_at.value_or(effects.truncate_to.value_or(Offset(0)));
  services_.env.trace.note(Level::info, "replica.truncated",
                           fmt::format("{}: {} to {}, watermark {}", partition.text(),
                                       log->end().value, end.value, high_watermark().value));
  cutting_ = true;
  auto cutting = effects.start_at ? log->truncate_fully_and_start_at(end) : log->truncate_to(end);
  auto done = co_await cutting;
  cutting_ = false;
  if (done) machine_->on_truncated(log->end());
  if (done && effects.start_at) carry_out(machine_->on_log_start(log->start()));
  progress_.raise();
  co_return done;
}

Task<void> Replica::uncut() {
  while (cutting_) co_await progress_.wait();
}

Task<bool> Replica::ready_to_fetch() {
  if (cut_first_) {
    partition::Effects effects;
    effects.truncate_to = std::exchange(cut_first_, std::nullopt);
    auto done = co_await cut(std::move(effects));
    if (!done) co_return false;
  }
  while (usable() && log->committed_end() < log->end()) {
    co_await log->committed(log->end());
  }
  co_return usable();
}

}  // namespace trialog::replication
