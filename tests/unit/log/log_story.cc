#include "tests/unit/log/log_story.h"

#include "core/base/check.h"
#include "core/records/build.h"
#include "core/records/compression.h"
#include "core/records/record.h"

namespace trialog::log {
namespace {

const Disk::Path root = "data";

Task<Bytes> flatten(Chain chain) {
  std::vector<std::byte> out;
  for (const auto& piece : chain.pieces()) {
    if (const auto* bytes = std::get_if<Bytes>(&piece)) {
      out.insert(out.end(), bytes->view().begin(), bytes->view().end());
      continue;
    }
    const auto& range = std::get<FileRange>(piece);
    std::vector<std::byte> part(range.size());
    auto got = co_await range.file().read(range.at(), part);
    CHECK(got && *got == range.size());
    out.insert(out.end(), part.begin(), part.end());
  }
  co_return Bytes(std::move(out));
}

}  // namespace

LogStory::LogStory(std::uint64_t seed, Options options) : node_(seed), options_(options) {}

LogStory::~LogStory() = default;

Status LogStory::opens() {
  directory_.reset();
  auto& env = node_.env();
  for (const auto bug : bugs_) env.bugs.plant(bug);
  DirectoryIdentity identity;
  identity.cluster_id = "Mb8C8s65QSWTPQHcspsRIw";
  identity.node_id = 1;
  auto opened = node_.run(
      LogDirectory::open(env, root, identity, [this](const TopicPartition&) { return options_; }));
  if (!opened) return failure(opened.error());
  directory_ = std::move(*opened);
  return {};
}

void LogStory::creates(const TopicPartition& partition) {
  auto created = node_.run(directory_->create(partition, metadata_topic_id()));
  CHECK(created.has_value());
}

Status LogStory::closes() {
  auto closed = node_.run(directory_->close());
  directory_.reset();
  node_.reboot();
  return closed;
}

void LogStory::crashes() {
  directory_.reset();
  node_.crash();
}

void LogStory::is_killed() {
  directory_.reset();
  node_.reboot();
}

std::expected<Appended, ErrorCode> LogStory::appends(std::vector<std::string> values,
                                                     const TopicPartition& partition) {
  return appends(batch_of(values), partition);
}

std::expected<Appended, ErrorCode> LogStory::appends(records::Batch batch,
                                                     const TopicPartition& partition) {
  return log(partition).append_as_leader(std::move(batch), Epoch(0));
}

std::expected<Offset, ErrorCode> LogStory::follows(std::vector<std::string> values,
                                                   std::int64_t base, std::int32_t epoch) {
  auto batch = batch_of(values);
  batch.place(Offset(base), Epoch(epoch));
  return log().append_as_follower(std::move(batch));
}

Status LogStory::truncates(std::int64_t end) { return node_.run(log().truncate_to(Offset(end))); }

bool LogStory::commits(const TopicPartition& partition) {
  auto& one = log(partition);
  return node_.run(one.committed(one.end()));
}

std::vector<Seen> LogStory::records(std::size_t limit, const TopicPartition& partition) {
  auto& one = log(partition);
  std::vector<Seen> all;
  auto from = one.start();
  while (from < one.committed_end()) {
    auto chain = node_.run(one.read(from, one.committed_end(), limit));
    CHECK(chain.has_value());
    const auto seen = seen_in(*chain, node_);
    if (seen.empty()) break;
    for (const auto& record : seen) {
      if (record.offset >= from.value) all.push_back(record);
    }
    from = Offset(seen.back().offset + 1);
  }
  return all;
}

std::vector<std::string> LogStory::values(const TopicPartition& partition) {
  std::vector<std::string> values;
  for (auto& record : records(1u << 20, partition)) values.push_back(std::move(record.value));
  return values;
}

std::vector<std::string> LogStory::files(const TopicPartition& partition) {
  auto listed = node_.run(node_.env().disk.list(root / partition.text()));
  std::vector<std::string> names;
  if (!listed) return names;
  for (const auto& entry : *listed) names.push_back(entry.name);
  return names;
}

Bytes LogStory::bytes_of(const std::string& path) {
  auto bytes = node_.run(read_file(node_.env().disk, root / path));
  return bytes ? *bytes : Bytes();
}

std::string LogStory::text_of(const std::string& path) {
  return std::string(bytes_of(path).text());
}

void LogStory::writes(const std::string& path, std::string_view contents) {
  auto written = node_.run(replace_file(node_.env().disk, root / path, Bytes::copy_of(contents)));
  CHECK(written.has_value());
}

PartitionLog& LogStory::log(const TopicPartition& partition) {
  const auto found = directory_->find(partition);
  CHECK(found != nullptr);
  return *found;
}

records::Batch batch_of(const std::vector<std::string>& values, std::int64_t time) {
  records::BatchBuilder builder{records::BatchOptions()};
  for (const auto& value : values) builder.add(wall_time(time++), "key", value);
  return builder.build();
}

records::Batch batch_from(std::int64_t producer, std::int16_t epoch, std::int32_t sequence,
                          const std::vector<std::string>& values) {
  records::BatchOptions options;
  options.producer_id = ProducerId(producer);
  options.producer_epoch = epoch;
  options.base_sequence = sequence;
  records::BatchBuilder builder(options);
  for (const auto& value : values) builder.add(wall_time(1000), "key", value);
  return builder.build();
}

std::vector<Seen> seen_in(const Chain& chain, sim::LoneNode& node) {
  auto bytes = node.run(flatten(chain));
  std::vector<Seen> seen;
  while (!bytes.empty()) {
    const auto size = records::Batch::size_at(bytes.view());
    CHECK(size && static_cast<std::size_t>(*size) <= bytes.size());
    auto batch = records::Batch::parse(bytes.slice(0, static_cast<std::size_t>(*size)));
    if (!batch) return seen.emplace_back(-1, batch.error().what()), seen;
    auto payload = records::uncompressed(*batch, 1u << 30);
    CHECK(payload.has_value());
    records::RecordReader reader(*batch, payload->view());
    records::Record record;
    while (reader.next(record)) {
      seen.push_back(Seen{records::offset_of(*batch, record).value,
                          record.value ? std::string(as_text(*record.value)) : "(null)"});
    }
    bytes = bytes.from(static_cast<std::size_t>(*size));
  }
  return seen;
}

}  // namespace trialog::log
