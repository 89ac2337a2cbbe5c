#include "core/protocol/messages/describe_configs.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<DescribeConfigsRequest>();
template const Schema& schema_of<DescribeConfigsResponse>();

}  // namespace trialog::protocol
