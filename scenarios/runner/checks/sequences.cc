#include "scenarios/runner/checks/sequences.h"

#include <fmt/format.h>

namespace trialog::scenarios {

void Sequences::committed(const TopicPartition& partition, const BatchView& batch) {
  auto& log = logs_[partition];
  if (batch.base < log.end) return;  // Somebody else's copy.
  // What could not be read may have been anybody's.
  if (batch.base > log.end) log.next.clear();
  log.end = batch.end;
  if (batch.producer.value < 0 || batch.first_sequence < 0) return;
  // Sequences go on with 0 after 2147483647.
  const auto after = (std::int64_t{batch.first_sequence} + (batch.end - batch.base)) & INT32_MAX;
  const auto [known, fresh] = log.next.try_emplace({batch.producer, batch.producer_epoch});
  if (!fresh && known->second != batch.first_sequence) {
    found_.push_back(
        {"sequence-broken",
         fmt::format("{}: the batch [{}, {}) of producer {} in its epoch {} bears the number {} "
                     "where {} is due",
                     partition.text(), batch.base.value, batch.end.value, batch.producer.value,
                     batch.producer_epoch, batch.first_sequence, known->second)});
  }
  known->second = static_cast<std::int32_t>(after);
}

}  // namespace trialog::scenarios
