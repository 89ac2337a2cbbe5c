#pragma once

#include <optional>
#include <string>

#include "core/env/env.h"
#include "core/quorum/messages.h"

namespace trialog::replication {

/// The file `quorum-state`: the epoch, whom we voted for in it, and who leads it; Kafka's JSON, in
/// its version 0 for voters without directories and 1 for the others (KIP-595, KIP-853). What has
/// been saved survives a crash; a crash in the middle leaves what was there before.
class BallotFile {
 public:
  /// `directory` is that of the metadata log's partition.
  BallotFile(Env& env, Disk::Path directory, std::string cluster_id);

  /// Nothing if there is no such file. `corrupt` if it is damaged, of another cluster, or names
  /// other voters than `voters`, which are those of the options (version 0 only; empty: any).
  Task<Result<std::optional<quorum::Ballot>>> load(quorum::VoterSet voters);
  /// `voters` are only named where they have no directories: `recorded` is false.
  Task<Status> save(quorum::Ballot ballot, quorum::VoterSet voters, bool recorded);

 private:
  IoError damaged(const std::string& what) const;
  Result<quorum::Ballot> parse(std::string_view text, const quorum::VoterSet& voters) const;

  Env& env_;
  Disk::Path path_;
  std::string cluster_id_;
};

}  // namespace trialog::replication
