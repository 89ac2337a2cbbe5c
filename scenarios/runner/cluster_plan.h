#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/metadata/config_table.h"

namespace trialog::scenarios {

/// One machine of a cluster: its name, what it does, and its settings by their Kafka names.
struct MemberPlan {
  NodeId id;
  std::string name;  // In scenarios: "1", "ctl1".
  std::string host;  // The machine: "broker1", "ctl1".
  bool is_broker = true;
  metadata::Settings settings;
};

/// The size and shape of a cluster, as the first step of a scenario gives them.
struct ClusterPlan {
  int brokers = 1;
  int controllers = 0;             // Machines of their own; 0: the brokers are controllers, too.
  std::vector<std::string> racks;  // Dealt out to the brokers in turn; empty: none.
  metadata::Settings settings;     // Of all members alike.

  /// One broker alone has no listener for controllers and no voters: it is all that by itself.
  bool is_alone() const { return brokers == 1 && controllers == 0; }
  /// What is not said follows from the size: three replicas where there are three brokers, two of
  /// which must have a record.
  std::vector<MemberPlan> members() const;
  int replicas() const { return brokers < 3 ? brokers : 3; }
};

inline constexpr std::string_view unclean_setting = "unclean.leader.election.enable";
inline constexpr std::uint16_t client_port = 9092;
inline constexpr std::uint16_t controller_port = 9093;

}  // namespace trialog::scenarios
