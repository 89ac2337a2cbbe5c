#pragma once

#include <string>
#include <vector>

#include "core/env/env.h"
#include "core/node/options.h"
#include "core/quorum/voters.h"

namespace trialog::node {

/// What an operator asks of the empty directories of a new node, as Kafka's `kafka-storage format`
/// is asked.
struct FormatRequest {
  /// Who votes first where controller.quorum.voters does not say (KIP-853). `standalone`: this node
  /// alone. `listed`: those of `voters`, given to every node alike. `none`: whoever is added later.
  enum class Voters { as_configured, standalone, listed, none };

  std::string cluster_id;
  Voters choice = Voters::as_configured;
  std::vector<quorum::Voter> voters;
  bool skip_formatted = false;  // Else a directory that is formatted is an error.
};

/// Reads "id@host:port:directory,..." as Kafka's --initial-controllers has it; the endpoints get
/// the name of the controllers' listener. Or what is wrong with it, in Kafka's words.
std::expected<std::vector<quorum::Voter>, std::string> parse_initial_controllers(
    std::string_view text, const std::string& listener);

/// Why this node can't be formatted so, or empty.
std::string format_problem(const Options& options, const FormatRequest& request);

/// Writes meta.properties into every directory of `options` that has none, and the first voters
/// where they are chosen. The directories it has written, with their ids. `format_problem` must
/// have found none; no broker may be using them.
Task<Result<std::vector<std::string>>> format(Env env, Options options, FormatRequest request);

/// The cluster that this node is of, before its directories are opened: as they say or as it is
/// configured, which must agree; where none is formatted, what follows from the voters; empty if a
/// new id is to be drawn, because the node stands alone. `not_found` if nothing tells, `corrupt` if
/// they disagree.
Task<Result<std::string>> cluster_of(Disk& disk, const Options& options);

}  // namespace trialog::node
