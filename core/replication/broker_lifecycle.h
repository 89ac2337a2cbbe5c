#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/metadata/image.h"
#include "core/replication/controller_channel.h"

namespace trialog::replication {

/// How a broker presents itself to the controller.
struct BrokerIdentity {
  NodeId id;
  Uuid incarnation;  // Another one each time the process starts.
  std::string cluster_id;
  std::vector<metadata::BrokerEndpoint> endpoints;
  std::optional<std::string> rack;
  std::vector<Uuid> log_dirs;
  /// Those of them that have failed by now; the controller hears of them with each heartbeat.
  std::function<std::vector<Uuid>()> offline_log_dirs;
  /// Hears of each epoch that the controller gives.
  std::function<void(std::int64_t epoch)> registered;
  /// The broker epoch of the process before, if it stopped cleanly; -1 if not (KIP-966).
  std::int64_t previous_epoch = -1;
};

struct LifecycleOptions {
  Duration heartbeat_interval = seconds(2);
  Duration request_timeout = seconds(2);
  Duration registration_timeout = seconds(60);
};

/// A broker's standing in the cluster, as the controller sees it: registers it, keeps its session
/// alive, and takes its leave (KIP-631).
class BrokerLifecycle {
 public:
  /// `channel` and `host` outlive it.
  BrokerLifecycle(Env& env, ControllerChannel& channel, MetadataHost& host, BrokerIdentity identity,
                  LifecycleOptions options);

  /// Registers, and heartbeats until the controller lets the broker take part. An error if it
  /// never can: another cluster, or another live broker of this id beyond the registration timeout.
  Task<Status> join();
  /// -1 before it registered.
  std::int64_t epoch() const { return epoch_; }
  /// Asks for a controlled shutdown and waits until the broker leads nothing that another could, at
  /// most until `deadline`.
  Task<void> leave(Instant deadline);

 private:
  Task<Status> enter();
  Task<Status> register_once(bool& done);
  protocol::BrokerRegistrationRequest registration() const;
  Task<void> heartbeats();
  Task<void> heartbeat();
  void on_answer(const protocol::BrokerHeartbeatResponse& answer);

  Env& env_;
  ControllerChannel& channel_;
  MetadataHost& host_;
  BrokerIdentity identity_;
  LifecycleOptions options_;
  std::int64_t epoch_ = -1;
  bool fenced_ = true;
  bool leaving_ = false;
  bool may_go_ = false;
  bool lost_registration_ = false;
  std::optional<IoError> refused_;  // For good.
  Signal changed_;
  Signal hurry_;
  TaskGroup tasks_;  // Last: its tasks use all of the above.
};

}  // namespace trialog::replication
