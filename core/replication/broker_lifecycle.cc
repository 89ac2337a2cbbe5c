#include "core/replication/broker_lifecycle.h"

#include <fmt/format.h>

#include "core/metadata/features.h"

namespace trialog::replication {
namespace {

constexpr Duration retry_pause = milliseconds(100);

/// The feature levels that this build can work with.
void add_features(protocol::BrokerRegistrationRequest& request) {
  for (const auto& known : metadata::supported_features()) {
    auto& feature = request.features.emplace_back();
    feature.name = known.name;
    feature.min_supported_version = known.min;
    feature.max_supported_version = known.max;
  }
}

}  // namespace

BrokerLifecycle::BrokerLifecycle(Env& env, ControllerChannel& channel, MetadataHost& host,
                                 BrokerIdentity identity, LifecycleOptions options)
    : env_(env),
      channel_(channel),
      host_(host),
      identity_(std::move(identity)),
      options_(options),
      changed_(env.executor),
      hurry_(env.executor),
      tasks_(env.executor) {}

Task<Status> BrokerLifecycle::join() {
  auto entered = co_await enter();
  if (!entered) co_return entered;
  tasks_.spawn("heartbeats", heartbeats());
  while (fenced_ && !refused_ && !host_.failed()) co_await changed_.wait();
  if (refused_) co_return failure(*refused_);
  if (host_.failed()) co_return failure(IoError::Kind::broken, host_.failure_text());
  co_return Status();
}

Task<Status> BrokerLifecycle::enter() {
  const auto give_up = env_.clock.now() + options_.registration_timeout;
  while (true) {
    bool done = false;
    auto tried = co_await register_once(done);
    if (done || host_.failed()) break;
    if (!tried && env_.clock.now() >= give_up) co_return tried;
    co_await env_.clock.sleep(retry_pause);
  }
  // The controller lets us take part once we have seen our own registration.
  while (host_.image()->end().value <= epoch_ && !host_.failed()) co_await host_.changed().wait();
  if (host_.failed()) co_return failure(IoError::Kind::broken, host_.failure_text());
  co_return Status();
}

/// An error that is no reason to stop trying leaves `done` as it is.
Task<Status> BrokerLifecycle::register_once(bool& done) {
  auto asked = channel_.ask(registration(), env_.clock.now() + options_.request_timeout);
  const auto answer = co_await asked;
  const auto error = answer ? answer->error_code : answer.error();
  if (error == ErrorCode::none) {
    epoch_ = answer->broker_epoch;
    identity_.registered(epoch_);
    done = true;
    env_.trace.note(Level::info, "broker.registered", fmt::format("epoch {}", epoch_));
    co_return Status();
  }
  const auto why = fmt::format("the controller refuses to register broker {}: {}",
                               identity_.id.value, error_name(error));
  env_.trace.note(Level::warn, "broker.registration", why);
  co_return failure(IoError::Kind::broken, why);
}

protocol::BrokerRegistrationRequest BrokerLifecycle::registration() const {
  protocol::BrokerRegistrationRequest request;
  request.broker_id = identity_.id.value;
  request.cluster_id = identity_.cluster_id;
  request.incarnation_id = identity_.incarnation;
  for (const auto& at : identity_.endpoints) {
    auto& listener = request.listeners.emplace_back();
    listener.name = at.name;
    listener.host = at.host;
    listener.port = at.port;
    listener.security_protocol = at.security_protocol;
  }
  add_features(request);
  request.rack = identity_.rack;
  request.log_dirs = identity_.log_dirs;
  request.previous_broker_epoch = identity_.previous_epoch;
  return request;
}

Task<void> BrokerLifecycle::heartbeats() {
  while (!refused_ && !host_.failed()) {
    if (lost_registration_) {
      lost_registration_ = false;
      auto entered = co_await enter();
      if (!entered) refused_ = entered.error();
      continue;
    }
    co_await heartbeat();
    const bool waits = fenced_ || leaving_;
    const auto next = env_.clock.now() + (waits ? retry_pause : options_.heartbeat_interval);
    if (!lost_registration_ && !may_go_) {
      co_await within(env_.executor, env_.clock, next, raised(hurry_));
    }
    if (may_go_) co_return;
  }
  changed_.raise();
}

Task<void> BrokerLifecycle::heartbeat() {
  protocol::BrokerHeartbeatRequest request;
  request.broker_id = identity_.id.value;
  request.broker_epoch = epoch_;
  request.current_metadata_offset = host_.image()->end().value - 1;
  request.want_shut_down = leaving_;
  request.offline_log_dirs = identity_.offline_log_dirs();
  auto asked = channel_.ask(request, env_.clock.now() + options_.request_timeout);
  const auto answer = co_await asked;
  const auto error = answer ? answer->error_code : answer.error();
  if (error == ErrorCode::none) {
    on_answer(*answer);
  } else {
    env_.trace.note(Level::warn, "broker.heartbeat", error_name(error));
    lost_registration_ =
        error == ErrorCode::stale_broker_epoch || error == ErrorCode::broker_id_not_registered;
  }
  changed_.raise();
}

void BrokerLifecycle::on_answer(const protocol::BrokerHeartbeatResponse& answer) {
  if (fenced_ != answer.is_fenced) {
    env_.trace.note(Level::info, answer.is_fenced ? "broker.fenced" : "broker.unfenced",
                    fmt::format("epoch {}", epoch_));
  }
  fenced_ = answer.is_fenced;
  may_go_ = leaving_ && answer.should_shut_down;
}

Task<void> BrokerLifecycle::leave(Instant deadline) {
  leaving_ = true;
  hurry_.raise();
  while (!may_go_ && !host_.failed() && env_.clock.now() < deadline) {
    co_await within(env_.executor, env_.clock, deadline, raised(changed_));
  }
}

}  // namespace trialog::replication
