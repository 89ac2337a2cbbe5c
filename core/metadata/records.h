#pragma once

#include <optional>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/protocol/messages/metadata_records.h"

namespace trialog::metadata {

/// What the metadata log is made of: Kafka's own records, as many of them as say something about
/// what Trialog has. Transactions are here because Kafka brackets its first records with them.
using Record = std::variant<protocol::RegisterBrokerRecord, protocol::UnregisterBrokerRecord,
                            protocol::TopicRecord, protocol::PartitionRecord,
                            protocol::ConfigRecord, protocol::PartitionChangeRecord,
                            protocol::FenceBrokerRecord, protocol::UnfenceBrokerRecord,
                            protocol::RemoveTopicRecord, protocol::FeatureLevelRecord,
                            protocol::ProducerIdsRecord, protocol::BrokerRegistrationChangeRecord,
                            protocol::NoOpRecord, protocol::BeginTransactionRecord,
                            protocol::EndTransactionRecord, protocol::AbortTransactionRecord>;

/// The record as a value of the log (KIP-631): frame version 1, api key and version as unsigned
/// varints, then the message in the lowest version that holds what it says.
Bytes encode_record(const Record& record);

/// The record that a value of the log holds; nothing if Kafka writes such records and we have no
/// use for them, such as those of access control. `corrupt` for anything else.
Result<std::optional<Record>> decode_record(std::span<const std::byte> value);

}  // namespace trialog::metadata
