#include "core/replication/metadata_quorum_records.h"

#include <algorithm>
#include <string>

#include "core/base/check.h"
#include "core/env/disk.h"
#include "core/protocol/codec.h"
#include "core/records/compression.h"
#include "core/records/control.h"
#include "core/records/record.h"

namespace trialog::replication {
namespace {

/// Control batches are small: that of a thousand voters is not near this.
constexpr std::size_t control_limit = 8u << 20;
constexpr std::int16_t newest_kraft_version = 1;

template <class Message>
std::vector<std::byte> encoded(const Message& message, std::int16_t version) {
  const auto chain = protocol::encode(message, version);
  CHECK(chain.has_value());
  std::vector<std::byte> bytes;
  for (const auto& piece : chain->pieces()) {
    const auto view = std::get<Bytes>(piece).view();
    bytes.insert(bytes.end(), view.begin(), view.end());
  }
  return bytes;
}

std::unexpected<IoError> wrong(const records::Batch& batch, const std::string& what) {
  return failure(IoError::Kind::corrupt,
                 "the batch at offset " + std::to_string(batch.base().value) + ": " + what);
}

Status check_version(const records::Batch& batch, const Bytes& value) {
  const auto record = protocol::decode<protocol::KRaftVersionRecord>(value, 0);
  if (!record) return wrong(batch, record.error().what());
  if (record->k_raft_version < 0 || record->k_raft_version > newest_kraft_version) {
    return wrong(
        batch, "kraft.version is " + std::to_string(record->k_raft_version) + ", we know 0 and 1");
  }
  return {};
}

}  // namespace

Task<Result<Bytes>> gathered(Chain chain) {
  if (chain.pieces().size() == 1) {
    if (const auto* whole = std::get_if<Bytes>(&chain.pieces()[0])) co_return *whole;
  }
  std::vector<std::byte> bytes(chain.size());
  std::size_t at = 0;
  for (const auto& piece : chain.pieces()) {
    if (const auto* memory = std::get_if<Bytes>(&piece)) {
      std::ranges::copy(memory->view(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
      at += memory->size();
      continue;
    }
    const auto& range = std::get<FileRange>(piece);
    const auto into = std::span(bytes).subspan(at, range.size());
    auto count = co_await range.file().read(range.at(), into);
    if (!count) co_return failure(count.error());
    if (*count != into.size()) {
      co_return failure(IoError::Kind::corrupt, std::string("the file is too short"));
    }
    at += into.size();
  }
  co_return Bytes(std::move(bytes));
}

Result<std::vector<records::Batch>> batches_in(const Bytes& bytes) {
  std::vector<records::Batch> batches;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = records::Batch::size_at(bytes.view().subspan(at));
    if (!size || *size <= 0 || static_cast<std::size_t>(*size) > bytes.size() - at) {
      return failure(IoError::Kind::corrupt, "a batch that is cut off");
    }
    auto batch = records::Batch::parse(bytes.slice(at, static_cast<std::size_t>(*size)));
    if (!batch) return failure(batch.error());
    at += batch->size();
    batches.push_back(std::move(*batch));
  }
  return batches;
}

protocol::VotersRecord to_record(const quorum::VoterSet& voters) {
  protocol::VotersRecord record;
  for (const auto& voter : voters.all()) {
    auto& written = record.voters.emplace_back();
    written.voter_id = voter.id.value;
    written.voter_directory_id = voter.directory;
    written.k_raft_version_feature.min_supported_version = voter.min_version;
    written.k_raft_version_feature.max_supported_version = voter.max_version;
    add_endpoints(voter.endpoints, written.endpoints);
  }
  return record;
}

Result<quorum::VoterSet> to_voters(const protocol::VotersRecord& record) {
  std::vector<quorum::Voter> voters;
  for (const auto& written : record.voters) {
    quorum::Voter voter{.id = NodeId(written.voter_id), .directory = written.voter_directory_id};
    voter.min_version = written.k_raft_version_feature.min_supported_version;
    voter.max_version = written.k_raft_version_feature.max_supported_version;
    voter.endpoints = endpoints_in(written.endpoints);
    voters.push_back(std::move(voter));
  }
  if (voters.empty()) return failure(IoError::Kind::corrupt, "a set of no voters");
  auto set = quorum::VoterSet::of(std::move(voters));
  if (!set) return failure(IoError::Kind::corrupt, set.error());
  return *set;
}

void add_voters(records::BatchBuilder& builder, const quorum::VoterSet& voters, WallTime now) {
  protocol::KRaftVersionRecord version;
  version.k_raft_version = newest_kraft_version;
  builder.add(now, records::control_key(records::ControlType::kraft_version), encoded(version, 0));
  builder.add(now, records::control_key(records::ControlType::kraft_voters),
              encoded(to_record(voters), 0));
}

records::Batch leader_change_batch(const quorum::Ballot& ballot,
                                   const quorum::VoterHistory& history,
                                   const std::set<NodeId>& granted,
                                   const std::optional<quorum::VoterSet>& written, WallTime now) {
  CHECK(ballot.leader.has_value());
  protocol::LeaderChangeMessage message;
  // Directories belong to kraft.version 1, which a log has that names its voters (KIP-853).
  message.version = history.recorded() ? 1 : 0;
  message.leader_id = ballot.leader->value;
  for (const auto& voter : history.latest().all()) {
    auto& named = message.voters.emplace_back();
    named.voter_id = voter.id.value;
    named.voter_directory_id = voter.directory;
    if (granted.contains(voter.id)) message.granting_voters.push_back(named);
  }
  records::BatchOptions options;
  options.leader_epoch = ballot.epoch;
  options.control = true;
  records::BatchBuilder builder(options);
  builder.add(now, records::control_key(records::ControlType::leader_change),
              encoded(message, message.version));
  if (written) add_voters(builder, *written, now);
  return builder.build();
}

records::Batch voters_batch(Epoch epoch, const quorum::VoterSet& voters, WallTime now) {
  records::BatchOptions options;
  options.leader_epoch = epoch;
  return records::control_batch(options, now, records::ControlType::kraft_voters,
                                encoded(to_record(voters), 0));
}

Result<std::vector<NamedVoters>> voters_in(const records::Batch& batch) {
  std::vector<NamedVoters> named;
  if (!batch.is_control()) return named;
  const auto payload = records::uncompressed(batch, control_limit);
  if (!payload) return failure(payload.error());
  records::RecordReader reader(batch, payload->view());
  records::Record record;
  while (reader.next(record)) {
    const auto key = records::parse_control_key(record.key);
    if (!key) return wrong(batch, key.error().what());
    if (!record.value) return wrong(batch, "a control record without a value");
    const auto value = Bytes::copy_of(*record.value);
    if (key->known() == records::ControlType::kraft_version) {
      if (auto known = check_version(batch, value); !known) return failure(known.error());
    }
    if (key->known() != records::ControlType::kraft_voters) continue;
    const auto message = protocol::decode<protocol::VotersRecord>(value, 0);
    if (!message) return wrong(batch, message.error().what());
    auto voters = to_voters(*message);
    if (!voters) return wrong(batch, voters.error().what());
    named.push_back({records::offset_of(batch, record), std::move(*voters)});
  }
  if (auto whole = reader.status(); !whole) return failure(whole.error());
  return named;
}

}  // namespace trialog::replication
