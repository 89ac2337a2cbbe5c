#include "core/metadata/batches.h"

#include "core/base/match.h"

namespace trialog::metadata {
namespace {

constexpr std::size_t id_size = 4;
constexpr std::size_t uuid_size = 16;
/// More than the frame and all fields of fixed size take.
constexpr std::size_t fixed_size = 128;

template <class List>
std::size_t count(const std::optional<List>& list) {
  return list ? list->size() : 0;
}

std::size_t estimated_size(const Record& record) {
  return match(
      record,
      [](const protocol::ConfigRecord& r) {
        return fixed_size + r.resource_name.size() + r.name.size() +
               (r.value ? r.value->size() : 0);
      },
      [](const protocol::TopicRecord& r) { return fixed_size + r.name.size(); },
      [](const protocol::PartitionRecord& r) {
        // Each replica may be in four of the other lists.
        return fixed_size + r.replicas.size() * (5 * id_size + uuid_size);
      },
      [](const protocol::PartitionChangeRecord& r) {
        const auto ids = count(r.isr) + count(r.replicas) + count(r.removing_replicas) +
                         count(r.adding_replicas) + count(r.eligible_leader_replicas) +
                         count(r.last_known_elr);
        return fixed_size + ids * id_size + count(r.directories) * uuid_size;
      },
      [](const auto&) { return std::size_t{8 * fixed_size}; });
}

}  // namespace

bool needs_transaction(const std::vector<Record>& records) {
  if (records.size() > max_records_per_batch) return true;
  std::size_t size = 0;
  for (const auto& record : records) size += estimated_size(record);
  return size > max_batch_bytes;
}

void bracket(std::vector<Record>& records) {
  if (!needs_transaction(records)) return;
  records.insert(records.begin(), protocol::BeginTransactionRecord());
  records.emplace_back(protocol::EndTransactionRecord());
}

std::vector<std::size_t> batch_ends(const std::vector<Bytes>& values) {
  // What a record takes in a batch besides its value: lengths, deltas, no key, no headers.
  constexpr std::size_t framing = 24;
  std::vector<std::size_t> ends;
  std::size_t count = 0, size = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto more = values[i].size() + framing;
    if (count > 0 && (count == max_records_per_batch || size + more > max_batch_bytes)) {
      ends.push_back(i);
      count = size = 0;
    }
    ++count;
    size += more;
  }
  if (count > 0) ends.push_back(values.size());
  return ends;
}

}  // namespace trialog::metadata
