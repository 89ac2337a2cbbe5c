#include "core/replication/metadata_quorum.h"

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/records/build.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication {
namespace {

/// How long there may be no leader before anybody is told, and how often it is told again.
constexpr Duration patience = seconds(5);
constexpr Duration complaint_gap = seconds(10);
constexpr Duration glance_gap = seconds(1);
/// How long a leader that steps down waits for the others to hear of it.
constexpr Duration farewell = milliseconds(500);

constexpr std::string_view role_names[] = {"unattached", "prospective", "candidate",
                                           "follower",   "leader",      "resigned"};

Task<bool> finished(Task<void> task) {
  co_await task;
  co_return true;
}

}  // namespace

MetadataQuorum::MetadataQuorum(Env& env, QuorumOptions options,
                               std::shared_ptr<log::PartitionLog> log, Disk::Path metadata_log_dir)
    : env_(env),
      options_(std::move(options)),
      log_(std::move(log)),
      directory_(metadata_log_dir / log_->partition().text()),
      ballot_file_(env, directory_, options_.cluster_id),
      snapshots_(env, directory_),
      to_do_(env.executor),
      job_ended_(env.executor),
      rearmed_(env.executor),
      moved_(env.executor),
      changed_(env.executor),
      link_news_(env.executor),
      peers_(env, options_,
             [this](NodeId from, quorum::Message reply) {
               submit([this, from, reply = std::move(reply)]() mutable {
                 return on_message(from, std::move(reply), nullptr);
               });
             }),
      tasks_(env.executor) {
  CHECK(log_->options().durability == log::Durability::fsync);
}

void MetadataQuorum::submit(Job job) {
  jobs_.push_back(std::move(job));
  to_do_.raise();
}

Task<void> MetadataQuorum::work() {
  while (!failed_) {
    if (jobs_.empty()) {
      co_await to_do_.wait();
      continue;
    }
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    auto task = job();
    co_await task;
    if (machine_->deadline() < armed_) rearmed_.raise();
  }
}

/// Deadlines mostly move away; so it looks at them when they were due, and sooner only if one has
/// come closer.
Task<void> MetadataQuorum::tick() {
  while (!failed_) {
    armed_ = machine_->deadline();
    auto closer = within(env_.executor, env_.clock, armed_, raised(rearmed_));
    const auto moved = co_await closer;
    if (moved || env_.clock.now() < machine_->deadline()) continue;
    auto outcome = std::make_shared<Outcome>();
    submit([this, outcome] { return carry_out(machine_->on_time(env_.clock.now()), outcome); });
    co_await ended(outcome);
  }
}

Task<void> MetadataQuorum::ended(OutcomePtr outcome) {
  while (!outcome->ended && !failed_) co_await job_ended_.wait();
}

Task<void> MetadataQuorum::watch_log() {
  while (!failed_) {
    if (log_->failed()) co_return fail("the metadata log failed");
    if (!sync_pending_) {
      sync_pending_ = true;
      submit([this] { return on_synced(); });
    }
    co_await log_->progress().wait();
  }
}

Task<void> MetadataQuorum::on_time() {
  return carry_out(machine_->on_time(env_.clock.now()), nullptr);
}

Task<void> MetadataQuorum::on_synced() {
  sync_pending_ = false;
  return carry_out(machine_->on_synced(env_.clock.now(), log_->committed_end()), nullptr);
}

Task<void> MetadataQuorum::on_message(NodeId from, quorum::Message message, OutcomePtr outcome) {
  return carry_out(machine_->on_message(env_.clock.now(), from, message), std::move(outcome));
}

Task<void> MetadataQuorum::on_resign(OutcomePtr outcome) {
  return carry_out(machine_->resign(env_.clock.now()), std::move(outcome));
}

Task<void> MetadataQuorum::carry_out(quorum::Effects effects, OutcomePtr outcome) {
  if (effects.persist) {
    const bool recorded = machine_->history().recorded();
    auto saved = co_await ballot_file_.save(*effects.persist, machine_->voters(), recorded);
    if (!saved) fail(saved.error().what());
  }
  if (!failed_ && effects.role_changed) enter_role();
  if (!failed_) {
    for (const auto& envelope : effects.send) peers_.send(envelope);
    publish();
  }
  if (!outcome) co_return;
  if (!failed_) outcome->reply = std::move(effects.reply);
  outcome->ended = true;
  job_ended_.raise();
}

Task<std::optional<quorum::Message>> MetadataQuorum::answer(NodeId from, quorum::Message message) {
  if (failed_ || !machine_) co_return std::nullopt;
  auto outcome = std::make_shared<Outcome>();
  submit([this, from, outcome, message = std::move(message)]() mutable {
    return on_message(from, std::move(message), outcome);
  });
  co_await ended(outcome);
  co_return outcome->reply;
}

void MetadataQuorum::enter_role() {
  const auto epoch = machine_->epoch().value;
  auto text = fmt::format("{} in epoch {}", role_names[machine_->role().index()], epoch);
  if (const auto leader = machine_->leader(); leader && *leader != options_.self) {
    text += fmt::format(", leader {}", leader->value);
  }
  env_.trace.note(Level::info, "quorum.role", text);
  if (machine_->leads() && !(seen_.leads && seen_.epoch == machine_->epoch())) begin_leading();
}

/// A log that only the bootstrap snapshot told of its voters is told now: so they reach replicas
/// that fetch it from its beginning.
bool MetadataQuorum::begin_leading() {
  const auto& ballot = machine_->ballot();
  const auto& leader = std::get<quorum::Leader>(machine_->role());
  std::optional<quorum::VoterSet> written;
  const auto& history = machine_->history();
  if (history.recorded() && history.latest_at() < Offset(0)) written = history.latest();
  auto batch = leader_change_batch(ballot, history, leader.granted, written, env_.clock.wall_now());
  const auto appended = log_->append_as_leader(std::move(batch), ballot.epoch);
  if (!appended) return fail(error_name(appended.error())), false;
  machine_->on_appended(quorum::LogEnd(ballot.epoch, appended->end));
  if (written) note_voters(Offset(appended->end.value - 1), std::move(*written));
  epoch_start_ = appended->end;
  return true;
}

void MetadataQuorum::note_voters(Offset at, quorum::VoterSet voters) {
  machine_->on_voters(env_.clock.now(), at, std::move(voters));
  peers_.know(machine_->voters());
}

void MetadataQuorum::publish() {
  ballot_ = machine_->ballot();
  Seen now(machine_->epoch(), machine_->leader().value_or(no_leader), machine_->leads(),
           machine_->committed());
  CHECK(now.high_watermark >= seen_.high_watermark);
  if (now == seen_) return;
  if (now.high_watermark > seen_.high_watermark) log_->set_high_watermark(now.high_watermark);
  seen_ = now;
  changed_.raise();
  moved_.raise();
}

bool MetadataQuorum::caught_up() const {
  const Offset end = seen_.high_watermark;
  if (seen_.leader == no_leader || end == Offset(0)) return false;
  return end >= machine_->leaders_watermark() &&
         log_->epoch_at(Offset(end.value - 1)) == seen_.epoch;
}

void MetadataQuorum::fail(std::string_view why) {
  if (failed_) return;
  failed_ = true;
  env_.trace.note(Level::error, "quorum.failed", why);
  changed_.raise();
  moved_.raise();
  to_do_.raise();
  job_ended_.raise();
  rearmed_.raise();
}

std::expected<Offset, ErrorCode> MetadataQuorum::append(Epoch epoch,
                                                        const std::vector<Bytes>& values) {
  CHECK(!values.empty());
  if (failed_) return std::unexpected(ErrorCode::kafka_storage_error);
  if (!leads() || epoch != machine_->epoch()) return std::unexpected(ErrorCode::not_controller);
  records::BatchOptions options;
  options.leader_epoch = epoch;
  records::BatchBuilder builder(options);
  const auto now = env_.clock.wall_now();
  for (const auto& value : values) builder.add(now, std::nullopt, value.view());
  const auto appended = log_->append_as_leader(builder.build(), epoch);
  if (!appended) {
    if (appended.error() == ErrorCode::kafka_storage_error) fail("the metadata log failed");
    return std::unexpected(appended.error());
  }
  machine_->on_appended(quorum::LogEnd(epoch, appended->end));
  moved_.raise();
  return appended->end;
}

bool MetadataQuorum::is_well() const {
  if (machine_->leads()) return true;
  const auto* follower = std::get_if<quorum::Follower>(&machine_->role());
  return follower && env_.clock.now() < follower->content_until;
}

Task<void> MetadataQuorum::complain() {
  Instant complained_at = Instant::min();
  while (!failed_) {
    co_await env_.clock.sleep(glance_gap);
    const auto now = env_.clock.now();
    if (is_well()) well_at_ = now;
    const bool due = complained_at == Instant::min() || now - complained_at >= complaint_gap;
    if (now - well_at_ < patience || !due) continue;
    complained_at = now;
    complain_once();
  }
}

/// Without a majority nothing moves, and the operator must know whom to look after.
void MetadataQuorum::complain_once() {
  const auto now = env_.clock.now();
  std::string missing;
  std::size_t reached = machine_->is_voter() ? 1 : 0;
  for (const auto& voter : machine_->voters().all()) {
    if (voter.id == options_.self) continue;
    if (peers_.heard_since(voter.id, now - patience)) {
      ++reached;
    } else {
      missing += (missing.empty() ? "" : ", ") + peers_.text(voter.id);
    }
  }
  env_.trace.note(
      Level::warn, "quorum.no_leader",
      fmt::format("no leader in epoch {}; {} of {} voters reached, {} needed; "
                  "missing: {}",
                  machine_->epoch().value, reached, machine_->voters().size(),
                  machine_->voters().majority(), missing.empty() ? std::string("none") : missing));
}

Task<void> MetadataQuorum::resign() {
  if (failed_ || !machine_ || !machine_->leads()) co_return;
  auto outcome = std::make_shared<Outcome>();
  submit([this, outcome] { return on_resign(outcome); });
  co_await ended(outcome);
  const auto deadline = env_.clock.now() + farewell;
  auto told = within(env_.executor, env_.clock, deadline, finished(peers_.all_answered()));
  co_await told;
}

}  // namespace trialog::replication
