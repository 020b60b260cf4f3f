// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Cannot be paid: the transaction is mined and keeps its value field, but nothing moves.
contract Refuser {
    receive() external payable {
        revert();
    }
}
