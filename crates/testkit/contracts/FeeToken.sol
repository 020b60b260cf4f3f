// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A token that keeps a hundredth of every transfer: less arrives than the call says.
contract FeeToken {
    uint8 public constant decimals = 6;
    mapping(address => uint256) public balanceOf;
    address private immutable collector;

    event Transfer(address indexed from, address indexed to, uint256 value);

    /// Whoever deploys it owns everything, and collects the fees.
    constructor(uint256 supply) {
        collector = msg.sender;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 fee = value / 100;
        balanceOf[msg.sender] -= value;
        balanceOf[collector] += fee;
        balanceOf[to] += value - fee;
        emit Transfer(msg.sender, collector, fee);
        emit Transfer(msg.sender, to, value - fee);
        return true;
    }
}
