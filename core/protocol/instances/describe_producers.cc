#include "core/protocol/messages/describe_producers.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<DescribeProducersRequest>();
template const Schema& schema_of<DescribeProducersResponse>();

}  // namespace trialog::protocol
