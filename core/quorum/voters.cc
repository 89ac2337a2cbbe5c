#include "core/quorum/voters.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::quorum {

std::expected<VoterSet, std::string> VoterSet::of(std::vector<Voter> voters) {
  std::ranges::sort(voters, {}, &Voter::id);
  for (std::size_t i = 0; i < voters.size(); ++i) {
    const auto id = std::to_string(voters[i].id.value);
    if (voters[i].id.value < 0) return std::unexpected("a voter has the negative id " + id);
    if (i > 0 && voters[i - 1].id == voters[i].id) {
      return std::unexpected("two voters have the id " + id);
    }
  }
  VoterSet set;
  set.voters_ = std::move(voters);
  return set;
}

const Voter* VoterSet::find(NodeId id) const {
  const auto found = std::ranges::lower_bound(voters_, id, {}, &Voter::id);
  return found == voters_.end() || found->id != id ? nullptr : &*found;
}

bool VoterSet::has(const ReplicaKey& replica) const {
  const auto* voter = find(replica.id);
  return voter && (voter->directory.is_zero() || voter->directory == replica.directory);
}

VoterSet VoterSet::with(Voter voter) const {
  VoterSet set = without(voter.id);
  const auto place = std::ranges::lower_bound(set.voters_, voter.id, {}, &Voter::id);
  set.voters_.insert(place, std::move(voter));
  return set;
}

VoterSet VoterSet::without(NodeId id) const {
  VoterSet set = *this;
  std::erase_if(set.voters_, [id](const Voter& voter) { return voter.id == id; });
  return set;
}

void VoterHistory::note(Offset at, VoterSet voters) {
  CHECK(at > latest_at());
  entries_.push_back({at, std::move(voters)});
}

bool VoterHistory::truncate(Offset end) {
  return std::erase_if(entries_, [end](const Entry& entry) { return entry.at >= end; }) > 0;
}

void VoterHistory::reset(Offset end, VoterSet voters) {
  entries_.clear();
  // In force for the snapshot itself, and for everything behind it.
  if (voters.size() > 0) entries_.push_back({Offset(end.value - 1), std::move(voters)});
}

const VoterSet& VoterHistory::before(Offset end) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->at < end) return entry->voters;
  }
  return first_;
}

}  // namespace trialog::quorum
