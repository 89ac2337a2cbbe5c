#pragma once

#include <optional>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/protocol/messages/clear_elr_record.h"
#include "core/protocol/messages/metadata_records.h"

namespace trialog::metadata {

/// What the metadata log is made of: Kafka's own records, as many of them as say something about
/// what Trialog has. Transactions are here because Kafka brackets its first records with them.
using Record = std::variant<
    protocol::RegisterBrokerRecord, protocol::UnregisterBrokerRecord, protocol::TopicRecord,
    protocol::PartitionRecord, protocol::ConfigRecord, protocol::PartitionChangeRecord,
    protocol::FenceBrokerRecord, protocol::UnfenceBrokerRecord, protocol::RemoveTopicRecord,
    protocol::FeatureLevelRecord, protocol::ProducerIdsRecord,
    protocol::BrokerRegistrationChangeRecord, protocol::NoOpRecord,
    protocol::BeginTransactionRecord, protocol::EndTransactionRecord,
    protocol::AbortTransactionRecord, protocol::RegisterControllerRecord, protocol::ClearElrRecord>;

/// The record as a value of the log (KIP-631): frame version 1, api key and version as unsigned
/// varints, then the message in the lowest version that holds what it says.
Bytes encode_record(const Record& record);

/// The record that a value of the log holds; nothing if it is of a type that we have no use for,
/// such as access control. A newer version than we know is read as the newest that we know: Kafka
/// adds to its records by tagged fields. `corrupt` for what is no record.
Result<std::optional<Record>> decode_record(const Bytes& value);

}  // namespace trialog::metadata
