#include "core/replication/snapshot_format.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/check.h"
#include "core/protocol/codec.h"
#include "core/records/compression.h"
#include "core/records/control.h"
#include "core/replication/metadata_quorum_records.h"

namespace trialog::replication {
namespace {

constexpr std::string_view suffix = ".checkpoint";
constexpr std::size_t offset_digits = 20;
constexpr std::size_t epoch_digits = 10;
/// A batch is closed beyond this many bytes.
constexpr std::size_t batch_size = 1u << 20;
constexpr std::size_t batch_limit = 256u << 20;

template <class Number>
std::optional<Number> number_in(std::string_view digits) {
  Number number = 0;
  const auto read = std::from_chars(digits.begin(), digits.end(), number);
  if (read.ec != std::errc() || read.ptr != digits.end() || number < 0) return std::nullopt;
  return number;
}

std::unexpected<IoError> wrong(const std::string& what) {
  return failure(IoError::Kind::corrupt, "snapshot: " + what);
}

/// Puts batches one behind the other, offsets counted from 0.
class Writing {
 public:
  explicit Writing(Epoch epoch) : epoch_(epoch) {}

  records::BatchOptions options(bool control) const {
    records::BatchOptions options;
    options.base = Offset(count_);
    options.leader_epoch = epoch_;
    options.control = control;
    return options;
  }
  void add(const records::Batch& batch) {
    count_ += batch.count();
    const auto view = batch.bytes().view();
    bytes_.insert(bytes_.end(), view.begin(), view.end());
  }
  template <class Message>
  static std::vector<std::byte> encoded(const Message& message) {
    const auto chain = protocol::encode(message, 0);
    CHECK(chain.has_value() && chain->pieces().size() == 1);
    const auto view = std::get<Bytes>(chain->pieces()[0]).view();
    return {view.begin(), view.end()};
  }
  Bytes take() { return Bytes(std::move(bytes_)); }

 private:
  Epoch epoch_;
  std::int64_t count_ = 0;
  std::vector<std::byte> bytes_;
};

/// Goes through the batches of a snapshot in order.
class Reading {
 public:
  Status read(const records::Batch& batch) {
    if (footer_) return wrong("there is something behind the footer");
    if (batch.base() != next_) return wrong("offsets do not follow each other");
    next_ = batch.end();
    const auto payload = records::uncompressed(batch, batch_limit);
    if (!payload) return failure(payload.error());
    records::RecordReader reader(batch, payload->view());
    records::Record record;
    while (reader.next(record)) {
      if (!record.value) return wrong("a record without a value");
      const auto value = Bytes::copy_of(*record.value);
      if (!batch.is_control()) {
        if (!header_) return wrong("it does not begin with a header");
        contents_.values.push_back(value);
        continue;
      }
      const auto key = records::parse_control_key(record.key);
      if (!key) return failure(key.error());
      if (auto done = control(key->known(), value); !done) return done;
    }
    if (auto whole = reader.status(); !whole) return whole;
    auto named = voters_in(batch);
    if (!named) return failure(named.error());
    if (!named->empty()) contents_.voters = std::move(named->back().voters);
    return {};
  }
  Result<SnapshotContents> take() {
    if (!footer_) return wrong("it is cut short: there is no footer");
    return std::move(contents_);
  }

 private:
  Status control(std::optional<records::ControlType> type, const Bytes& value) {
    if (type == records::ControlType::snapshot_header) {
      const auto header = protocol::decode<protocol::SnapshotHeaderRecord>(value, 0);
      if (!header) return failure(header.error());
      contents_.last_contained = wall_time(header->last_contained_log_timestamp);
      header_ = true;
    }
    if (!header_) return wrong("it does not begin with a header");
    footer_ = type == records::ControlType::snapshot_footer;
    return {};
  }

  Offset next_;
  bool header_ = false;
  bool footer_ = false;
  SnapshotContents contents_;
};

}  // namespace

std::string snapshot_name(const quorum::SnapshotId& id) {
  return fmt::format("{:020}-{:010}{}", id.end.value, id.epoch.value, suffix);
}

std::optional<quorum::SnapshotId> snapshot_in_name(std::string_view name) {
  if (!name.ends_with(suffix)) return std::nullopt;
  name.remove_suffix(suffix.size());
  if (name.size() != offset_digits + 1 + epoch_digits || name[offset_digits] != '-') {
    return std::nullopt;
  }
  const auto end = number_in<std::int64_t>(name.substr(0, offset_digits));
  const auto epoch = number_in<std::int32_t>(name.substr(offset_digits + 1));
  if (!end || !epoch) return std::nullopt;
  return quorum::SnapshotId(Offset(*end), Epoch(*epoch));
}

Bytes render_snapshot(const quorum::SnapshotId& id, const SnapshotContents& contents) {
  Writing writing(id.epoch);
  const auto now = contents.last_contained;
  records::BatchBuilder head(writing.options(true));
  protocol::SnapshotHeaderRecord header;
  header.last_contained_log_timestamp = to_ms(now);
  head.add(now, records::control_key(records::ControlType::snapshot_header),
           Writing::encoded(header));
  if (contents.voters) add_voters(head, *contents.voters, now);
  writing.add(head.build());
  for (std::size_t i = 0; i < contents.values.size();) {
    records::BatchBuilder builder(writing.options(false));
    while (i < contents.values.size() && (builder.count() == 0 || builder.size() < batch_size)) {
      builder.add(now, std::nullopt, contents.values[i++].view());
    }
    writing.add(builder.build());
  }
  const protocol::SnapshotFooterRecord footer;
  writing.add(records::control_batch(
      writing.options(true), now, records::ControlType::snapshot_footer, Writing::encoded(footer)));
  return writing.take();
}

Result<SnapshotContents> parse_snapshot(const Bytes& bytes) {
  const auto batches = batches_in(bytes);
  if (!batches) return wrong(batches.error().what());
  Reading reading;
  for (const auto& batch : *batches) {
    if (auto done = reading.read(batch); !done) return failure(done.error());
  }
  return reading.take();
}

}  // namespace trialog::replication
