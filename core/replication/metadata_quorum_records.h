#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/chain.h"
#include "core/env/task.h"
#include "core/protocol/messages/control_records.h"
#include "core/quorum/messages.h"
#include "core/records/batch.h"
#include "core/records/build.h"

namespace trialog::replication {

/// The chain in one piece of memory.
Task<Result<Bytes>> gathered(Chain chain);
/// The batches that `bytes` are, checked; `corrupt` if they are not whole batches one behind the
/// other.
Result<std::vector<records::Batch>> batches_in(const Bytes& bytes);

/// Endpoints as some message lists them, and back.
template <class List>
void add_endpoints(const std::vector<quorum::VoterEndpoint>& endpoints, List& to) {
  for (const auto& endpoint : endpoints) {
    auto& at = to.emplace_back();
    at.name = endpoint.name;
    at.host = endpoint.host;
    at.port = endpoint.port;
  }
}
template <class List>
std::vector<quorum::VoterEndpoint> endpoints_in(const List& list) {
  std::vector<quorum::VoterEndpoint> endpoints;
  for (const auto& at : list) endpoints.emplace_back(at.name, at.host, at.port);
  return endpoints;
}

/// Voters as the log keeps them (KIP-853), and back; `corrupt` if they cannot be.
protocol::VotersRecord to_record(const quorum::VoterSet& voters);
Result<quorum::VoterSet> to_voters(const protocol::VotersRecord& record);

/// What a leader writes first in its epoch, as one batch: that it leads, and, if `written` are
/// given, kraft.version 1 and the voters, for a log that does not name them yet.
records::Batch leader_change_batch(const quorum::Ballot& ballot,
                                   const quorum::VoterHistory& history,
                                   const std::set<NodeId>& granted,
                                   const std::optional<quorum::VoterSet>& written, WallTime now);
records::Batch voters_batch(Epoch epoch, const quorum::VoterSet& voters, WallTime now);
/// Adds the control records of kraft.version 1 and of the voters.
void add_voters(records::BatchBuilder& builder, const quorum::VoterSet& voters, WallTime now);

struct NamedVoters {
  Offset at;
  quorum::VoterSet voters;
};
/// The voter sets that the batch names, in order. `corrupt` if it is malformed, or asks for a
/// version of the quorum that we do not know.
Result<std::vector<NamedVoters>> voters_in(const records::Batch& batch);

}  // namespace trialog::replication
