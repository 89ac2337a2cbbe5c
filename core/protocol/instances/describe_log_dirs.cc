#include "core/protocol/messages/describe_log_dirs.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<DescribeLogDirsRequest>();
template const Schema& schema_of<DescribeLogDirsResponse>();

}  // namespace trialog::protocol
