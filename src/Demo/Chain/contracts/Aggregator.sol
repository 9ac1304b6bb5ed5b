// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A price feed's aggregator, reduced to what reading it needs
/// @notice Event and read calls have the signatures of Chainlink's AggregatorV3Interface; one owner takes the place of the oracle network.
contract Aggregator {
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    address public immutable owner;
    uint8 public immutable decimals;
    string public description;

    uint80 private round;
    int256 private answer;
    uint256 private updatedAt;

    constructor(uint8 decimals_, string memory description_) {
        owner = msg.sender;
        decimals = decimals_;
        description = description_;
    }

    /// @notice The oracle network's next answer, dated with the block that carries it.
    function submit(int256 answer_) external {
        require(msg.sender == owner, "only the owner submits");
        round += 1;
        answer = answer_;
        updatedAt = block.timestamp;
        emit AnswerUpdated(answer_, round, block.timestamp);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        require(round > 0, "No data present");
        return (round, answer, updatedAt, updatedAt, round);
    }
}
