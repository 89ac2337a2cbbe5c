#include "core/replication/ballot_file.h"

#include <nlohmann/json.hpp>
#include <set>

#include "core/protocol/messages/quorum_state.h"
#include "core/protocol/text.h"

namespace trialog::replication {
namespace {

using Json = nlohmann::ordered_json;
using protocol::QuorumStateData;

constexpr const char* version_key = "data_version";

std::string ids(const std::set<std::int32_t>& voters) {
  std::string text;
  for (const auto id : voters) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

}  // namespace

BallotFile::BallotFile(Env& env, Disk::Path directory, std::string cluster_id)
    : env_(env), path_(directory / "quorum-state"), cluster_id_(std::move(cluster_id)) {}

IoError BallotFile::damaged(const std::string& what) const {
  return {IoError::Kind::corrupt, path_.string() + ": " + what};
}

Task<Result<std::optional<quorum::Ballot>>> BallotFile::load(quorum::VoterSet voters) {
  auto bytes = co_await read_file(env_.disk, path_, 1u << 20);
  if (!bytes && bytes.error().kind() == IoError::Kind::not_found) co_return std::nullopt;
  if (!bytes) co_return failure(bytes.error());
  auto ballot = parse(bytes->text(), voters);
  if (!ballot) co_return failure(ballot.error());
  co_return std::optional(std::move(*ballot));
}

Result<quorum::Ballot> BallotFile::parse(std::string_view text,
                                         const quorum::VoterSet& voters) const {
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return failure(damaged("this is not JSON"));
  const auto version = json.find(version_key);
  if (version == json.end() || !version->is_number_integer() || *version < 0 || *version > 1) {
    return failure(damaged("data_version is not 0 or 1"));
  }
  QuorumStateData data;
  const auto read = protocol::detail::read_json(protocol::schema_of<QuorumStateData>(),
                                                version->get<std::int16_t>(), text, &data);
  if (!read) return failure(damaged(read.error().what()));
  if (data.leader_epoch < 0 || data.leader_id < -1 || data.voted_id < -1) {
    return failure(damaged("a negative epoch or id"));
  }
  if (!data.cluster_id.empty() && data.cluster_id != cluster_id_) {
    return failure(
        damaged("cluster id is " + data.cluster_id + ", but this cluster is " + cluster_id_));
  }
  std::set<std::int32_t> written;
  std::set<std::int32_t> configured;
  if (data.current_voters) {
    for (const auto& voter : *data.current_voters) written.insert(voter.voter_id);
  }
  for (const auto& voter : voters.all()) configured.insert(voter.id.value);
  if (!written.empty() && !configured.empty() && written != configured) {
    return failure(
        damaged("the voters were " + ids(written) + ", but are configured as " + ids(configured)));
  }
  quorum::Ballot ballot{.epoch = Epoch(data.leader_epoch)};
  if (data.voted_id >= 0) {
    ballot.vote = quorum::ReplicaKey(NodeId(data.voted_id), data.voted_directory_id);
  }
  if (data.leader_id >= 0) ballot.leader = NodeId(data.leader_id);
  return ballot;
}

Task<Status> BallotFile::save(quorum::Ballot ballot, quorum::VoterSet voters, bool recorded) {
  QuorumStateData data;
  data.leader_epoch = ballot.epoch.value;
  if (ballot.leader) data.leader_id = ballot.leader->value;
  if (ballot.vote) data.voted_id = ballot.vote->id.value;
  if (!recorded) {
    data.cluster_id = cluster_id_;
    for (const auto& voter : voters.all()) {
      data.current_voters->emplace_back().voter_id = voter.id.value;
    }
  } else if (ballot.vote) {
    data.voted_directory_id = ballot.vote->directory;
  }
  const std::int16_t version = recorded ? 1 : 0;
  auto json = Json::parse(protocol::to_json(data, version));
  json[version_key] = version;
  auto text = Bytes::copy_of(json.dump());
  co_return co_await replace_file(env_.disk, path_, std::move(text));
}

}  // namespace trialog::replication
