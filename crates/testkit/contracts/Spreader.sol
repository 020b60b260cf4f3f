// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface Transferable {
    function transfer(address to, uint256 value) external returns (bool);
}

/// Pays on behalf of whoever calls it, as exchanges do: coins by an internal call, tokens many at once.
contract Spreader {
    /// Hands the coins on inside the transaction: neither its receipt nor its own fields tell where they went.
    function forward(address payable to) external payable {
        (bool done,) = to.call{value: msg.value}("");
        require(done);
    }

    /// Pays from the tokens that this contract holds, one transfer after the other.
    function spread(Transferable token, address[] calldata to, uint256[] calldata values) external {
        for (uint256 i = 0; i < to.length; i++) {
            require(token.transfer(to[i], values[i]));
        }
    }
}
