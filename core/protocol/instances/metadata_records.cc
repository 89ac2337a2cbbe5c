#include "core/protocol/messages/metadata_records.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<TopicRecord>();
template const Schema& schema_of<PartitionRecord>();
template const Schema& schema_of<PartitionChangeRecord>();
template const Schema& schema_of<ConfigRecord>();
template const Schema& schema_of<RemoveTopicRecord>();
template const Schema& schema_of<RegisterBrokerRecord>();
template const Schema& schema_of<UnregisterBrokerRecord>();
template const Schema& schema_of<FenceBrokerRecord>();
template const Schema& schema_of<UnfenceBrokerRecord>();
template const Schema& schema_of<BrokerRegistrationChangeRecord>();
template const Schema& schema_of<FeatureLevelRecord>();
template const Schema& schema_of<ProducerIdsRecord>();
template const Schema& schema_of<NoOpRecord>();
template const Schema& schema_of<BeginTransactionRecord>();
template const Schema& schema_of<EndTransactionRecord>();
template const Schema& schema_of<AbortTransactionRecord>();
template const Schema& schema_of<RegisterControllerRecord>();

}  // namespace trialog::protocol
