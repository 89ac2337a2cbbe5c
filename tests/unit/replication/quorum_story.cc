#include "tests/unit/replication/quorum_story.h"

#include <gtest/gtest.h>

#include "core/base/check.h"
#include "core/records/compression.h"
#include "core/records/record.h"
#include "core/replication/metadata_host.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication::test {
namespace {

constexpr std::uint16_t port = 9093;
const std::string cluster = "5L6g3nShT-eMCtK--X86sw";

Uuid directory_of(int id) {
  Uuid uuid;
  uuid.bytes[0] = std::byte(0x40);
  uuid.bytes[15] = std::byte(id);
  return uuid;
}

}  // namespace

QuorumNode::QuorumNode(Env env, QuorumOptions options)
    : env_(env), options_(std::move(options)), tasks_(env.executor) {
  tasks_.spawn("start", start());
}

QuorumNode::~QuorumNode() = default;

std::string QuorumNode::trouble() const {
  return !started_ || started_->has_value() ? "" : started_->error().what();
}

Task<void> QuorumNode::start() {
  auto loaded = co_await load();
  started_.emplace(std::move(loaded));
}

Task<Status> QuorumNode::load() {
  log::DirectoryIdentity identity;
  identity.node_id = options_.self.value;
  identity.cluster_id = options_.cluster_id;
  identity.directory_id = options_.directory.text();
  const auto settings = [](const TopicPartition&) { return metadata_log_options(); };
  auto opening = log::LogDirectory::open(env_, "/data/kafka", identity, settings);
  auto opened = co_await opening;
  if (!opened) co_return failure(opened.error());
  directory_ = std::move(*opened);
  auto log = directory_->find(metadata_partition());
  if (!log) {
    auto made = co_await directory_->create(metadata_partition(), metadata_topic_id());
    if (!made) co_return failure(made.error());
    log = std::move(*made);
  }
  server_ = std::make_unique<QuorumServer>(env_, port);
  quorum_ = std::make_unique<MetadataQuorum>(env_, options_, std::move(log), "/data/kafka");
  auto loaded = co_await quorum_->load();
  if (loaded) server_->serve(*quorum_);
  co_return loaded;
}

QuorumStory::QuorumStory(std::uint64_t seed, int voters, Voters how) : datacenter_(seed) {
  datacenter_.listen(
      Level::info, [this](const sim::Note& note) { notes_.emplace_back(note.kind, note.detail); });
  std::vector<quorum::Voter> all;
  for (int id = 1; id <= voters; ++id) {
    directories_[id] = directory_of(id);
    auto each = voter(id);
    if (how == Voters::listed) each.directory = Uuid();
    all.push_back(std::move(each));
  }
  for (int id = 1; id <= voters; ++id) {
    joins(id);
    auto& options = options_.at(id);
    if (how == Voters::listed) {
      options.static_voters = all;
      options.bootstrap.clear();
    }
  }
  for (int id = 1; id <= voters; ++id) {
    machine(id).crash();
    machine(id).wipe_disk();
    if (how == Voters::recorded) formats(id, *quorum::VoterSet::of(all));
    starts(id);
  }
}

quorum::Voter QuorumStory::voter(int id) const {
  return {NodeId(id), directories_.at(id), {{"CONTROLLER", name(id), port}}, 0, 1};
}

void QuorumStory::formats(int id, const quorum::VoterSet& voters) {
  machine(id).start(sim::idle_program);
  const auto done = run(id, write_first_voters(env(id), "/data/kafka", voters));
  CHECK(done.has_value());
  const auto synced = run(id, env(id).disk.sync_all("/data"));
  CHECK(synced.has_value());
  machine(id).stop();
}

void QuorumStory::joins(int id, bool controller) {
  directories_[id] = directory_of(id);
  auto& options = options_[id];
  options.self = NodeId(id);
  options.directory = directories_[id];
  options.cluster_id = cluster;
  options.voter = controller;
  options.bootstrap = {Endpoint(name(1), port), Endpoint(name(2), port)};
  options.endpoints = {{"CONTROLLER", name(id), port}};
  starts(id);
}

void QuorumStory::starts(int id) {
  machine(id).plant(bugs_);
  machine(id).start(
      [this, id](Env env) { return std::make_unique<QuorumNode>(env, options_.at(id)); });
}

void QuorumStory::crashes(int id) { machine(id).crash(); }

void QuorumStory::restarts(int id) {
  if (up(id)) machine(id).crash();
  starts(id);
}

void QuorumStory::stops(int id) {
  sim::run_to_end(world(), env(id), quorum(id).resign());
  machine(id).stop();
}

void QuorumStory::cut_off(int id) { datacenter_.fabric().isolate(name(id)); }

void QuorumStory::plants(Bug bug) { bugs_.plant(bug); }

QuorumNode& QuorumStory::node(int id) { return static_cast<QuorumNode&>(*machine(id).process()); }

std::vector<int> QuorumStory::everybody_up() {
  std::vector<int> ids;
  for (const auto& [id, options] : options_) {
    if (ready(id)) ids.push_back(id);
  }
  return ids;
}

int QuorumStory::leader(Duration within) {
  int found = 0;
  waits_while(
      [&] {
        std::map<std::pair<Epoch, NodeId>, std::size_t> known;
        for (const auto id : everybody_up()) {
          auto& each = quorum(id);
          ++known[{each.epoch(), each.leader()}];
        }
        for (const auto id : everybody_up()) {
          auto& each = quorum(id);
          const auto count = known[{each.epoch(), NodeId(id)}];
          const auto committed = each.high_watermark() >= each.epoch_start();
          if (each.leads() && committed && count >= each.voters().majority()) found = id;
        }
        return found == 0;
      },
      within);
  return found;
}

Offset QuorumStory::appends(int id, const std::string& value) {
  auto& each = quorum(id);
  const auto end = each.append(each.epoch(), {Bytes::copy_of(value)});
  EXPECT_TRUE(end.has_value());
  return end.value_or(Offset(-1));
}

bool QuorumStory::commits(std::vector<int> ids, Offset end, Duration within) {
  return waits_while(
      [&] {
        for (const auto id : ids) {
          if (!ready(id) || quorum(id).high_watermark() < end) return true;
        }
        return false;
      },
      within);
}

quorum::SnapshotId QuorumStory::writes_snapshot(int id, std::vector<std::string> values) {
  auto& each = quorum(id);
  const auto end = each.high_watermark();
  const quorum::SnapshotId made(end, node(id).log().epoch_at(Offset(end.value - 1)));
  std::vector<Bytes> bytes;
  for (const auto& value : values) bytes.push_back(Bytes::copy_of(value));
  const auto done = run(id, each.write_snapshot(made, std::move(bytes), wall_time(1'000)));
  EXPECT_TRUE(done.has_value());
  return made;
}

std::string QuorumStory::adds_voter(int id, Duration timeout) {
  const auto from = leader();
  protocol::AddRaftVoterRequest request;
  request.cluster_id = cluster;
  request.timeout_ms = static_cast<std::int32_t>(timeout / milliseconds(1));
  request.voter_id = id;
  request.voter_directory_id = directories_.at(id);
  auto& listener = request.listeners.emplace_back();
  listener.name = "CONTROLLER";
  listener.host = name(id);
  listener.port = port;
  return std::string(error_name(run(from, quorum(from).add_raft_voter(request)).error_code));
}

std::string QuorumStory::removes_voter(int id) {
  const auto from = leader();
  protocol::RemoveRaftVoterRequest request;
  request.cluster_id = cluster;
  request.voter_id = id;
  request.voter_directory_id = directories_.at(id);
  return std::string(error_name(run(from, quorum(from).remove_raft_voter(request)).error_code));
}

namespace {

const Disk::Path log_directory = "/data/kafka/__cluster_metadata-0";

}  // namespace

std::string QuorumStory::reads(int id, const std::string& file) {
  machine(id).start(sim::idle_program);
  const auto bytes = run(id, read_file(env(id).disk, log_directory / file));
  machine(id).stop();
  return bytes ? std::string(bytes->text()) : "";
}

void QuorumStory::writes(int id, const std::string& file, std::string_view contents) {
  machine(id).start(sim::idle_program);
  const auto done =
      run(id, replace_file(env(id).disk, log_directory / file, Bytes::copy_of(contents)));
  CHECK(done.has_value());
  machine(id).stop();
}

std::vector<std::string> QuorumStory::files(int id) {
  const auto listed = run(id, env(id).disk.list(log_directory));
  std::vector<std::string> names;
  for (const auto& entry : *listed) names.push_back(entry.name);
  return names;
}

Offset QuorumStory::does_some_work(int records) {
  const auto id = leader();
  EXPECT_NE(id, 0);
  if (id == 0) return Offset(-1);
  Offset end;
  for (int i = 0; i < records; ++i) end = appends(id, "work " + std::to_string(i));
  EXPECT_TRUE(commits(everybody_up(), end));
  return end;
}

std::vector<std::string> QuorumStory::committed(int id) {
  std::vector<std::string> values;
  auto& each = quorum(id);
  auto& log = node(id).log();
  for (Offset at = log.start(); at < each.high_watermark();) {
    auto chain = run(id, log.read(at, each.high_watermark(), 1u << 20));
    CHECK(chain.has_value());
    const auto bytes = run(id, gathered(std::move(*chain)));
    const auto batches = batches_in(*bytes);
    CHECK(batches.has_value() && !batches->empty());
    for (const auto& batch : *batches) {
      at = batch.end();
      if (batch.is_control()) continue;
      const auto payload = records::uncompressed(batch, 1u << 20);
      records::RecordReader reader(batch, payload->view());
      records::Record record;
      while (reader.next(record)) values.emplace_back(as_text(*record.value));
    }
  }
  return values;
}

std::vector<std::string> QuorumStory::notes(const std::string& kind) const {
  std::vector<std::string> found;
  for (const auto& [what, detail] : notes_) {
    if (what == kind) found.push_back(detail);
  }
  return found;
}

}  // namespace trialog::replication::test
