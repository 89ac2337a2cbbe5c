#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/uuid.h"

namespace trialog::quorum {

/// Names one replica for good: a node that lost its disk comes back under the same id with another
/// directory, and is somebody else (KIP-853). A directory of zero: not known, or not asked for.
struct ReplicaKey {
  NodeId id{-1};
  Uuid directory;
  friend auto operator<=>(const ReplicaKey&, const ReplicaKey&) = default;
};

/// Where a voter listens, and the name of that listener.
struct VoterEndpoint {
  std::string name;
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const VoterEndpoint&, const VoterEndpoint&) = default;
};

struct Voter {
  NodeId id;
  Uuid directory;
  std::vector<VoterEndpoint> endpoints;
  /// The versions of kraft.version that it understands.
  std::int16_t min_version = 0;
  std::int16_t max_version = 1;

  ReplicaKey key() const { return {id, directory}; }
  friend bool operator==(const Voter&, const Voter&) = default;
};

/// Who votes: in order of ids, each of them once. Never changes; a change makes another one.
class VoterSet {
 public:
  VoterSet() = default;
  /// Or what is wrong with them: an id that is negative or there twice.
  static std::expected<VoterSet, std::string> of(std::vector<Voter> voters);

  /// Whether the replica is one of them. A voter without a directory is known by its id alone.
  bool has(const ReplicaKey& replica) const;
  /// Null if there is none.
  const Voter* find(NodeId id) const;
  const std::vector<Voter>& all() const { return voters_; }
  std::size_t size() const { return voters_.size(); }
  std::size_t majority() const { return voters_.size() / 2 + 1; }

  /// With `voter` in the place of whoever had its id.
  VoterSet with(Voter voter) const;
  VoterSet without(NodeId id) const;
  friend bool operator==(const VoterSet&, const VoterSet&) = default;

 private:
  std::vector<Voter> voters_;
};

/// The voter sets that the log names, and the one in force before them. A set is in force from the
/// moment its record is appended, committed or not; truncating the log takes it back (KIP-853).
///
/// Always true: the offsets ascend strictly.
class VoterHistory {
 public:
  /// `first` is in force where no record says otherwise: controller.quorum.voters, or nobody.
  explicit VoterHistory(VoterSet first) : first_(std::move(first)) {}

  /// The record at `at`, which is behind all before it.
  void note(Offset at, VoterSet voters);
  /// Forgets the records at and behind `end`. True if there were any.
  bool truncate(Offset end);
  /// The log begins anew at `end` with a snapshot that names these.
  void reset(Offset end, VoterSet voters);

  const VoterSet& latest() const { return entries_.empty() ? first_ : entries_.back().voters; }
  /// The offset of the record that named the latest set; -1 if none did.
  Offset latest_at() const { return entries_.empty() ? Offset(-1) : entries_.back().at; }
  /// The set in force in a log that ends at `end`.
  const VoterSet& before(Offset end) const;
  /// Whether a record has ever named the voters: kraft.version 1.
  bool recorded() const { return !entries_.empty(); }

 private:
  struct Entry {
    Offset at;
    VoterSet voters;
  };
  VoterSet first_;
  std::vector<Entry> entries_;
};

}  // namespace trialog::quorum
