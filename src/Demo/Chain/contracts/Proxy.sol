// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Aggregator} from "./Aggregator.sol";

/// @title The address a feed keeps while its aggregators come and go
/// @notice Each aggregator is a phase; a round's public id is phase << 64 | the aggregator's own round, as in Chainlink's proxy.
contract Proxy {
    address public immutable owner;
    uint16 public phaseId;
    mapping(uint16 => address) public phaseAggregators;

    constructor(address aggregator_) {
        owner = msg.sender;
        start(aggregator_);
    }

    /// @notice Moves the feed to another aggregator: the next phase begins.
    function setAggregator(address aggregator_) external {
        require(msg.sender == owner, "only the owner moves the feed");
        start(aggregator_);
    }

    function aggregator() public view returns (address) {
        return phaseAggregators[phaseId];
    }

    function decimals() external view returns (uint8) {
        return Aggregator(aggregator()).decimals();
    }

    function description() external view returns (string memory) {
        return Aggregator(aggregator()).description();
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) = Aggregator(aggregator()).latestRoundData();
        uint80 shift = uint80(phaseId) << 64;
        return (shift | round, answer, startedAt, updatedAt, shift | answeredInRound);
    }

    function start(address aggregator_) private {
        phaseId += 1;
        phaseAggregators[phaseId] = aggregator_;
    }
}
