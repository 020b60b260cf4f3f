// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Says whatever it is told about transfers, and moves nothing.
contract Impostor {
    /// It calls itself what the real one is called.
    string public constant symbol = "USDT";
    uint8 public constant decimals = 6;

    event Transfer(address indexed from, address indexed to, uint256 value);

    /// The event of a token, word for word, from an address that is none.
    function pretend(address from, address to, uint256 value) external {
        emit Transfer(from, to, value);
    }

    /// The event of a collectible (ERC-721): the same first topic, but the item is a topic too, and there is no data.
    function pretendUnique(address from, address to, uint256 item) external {
        bytes32 name = Transfer.selector;
        assembly {
            log4(0, 0, name, from, to, item)
        }
    }

    /// The same event with a word too many behind the value.
    function pretendLong(address from, address to, uint256 value) external {
        bytes32 name = Transfer.selector;
        assembly {
            mstore(0, value)
            mstore(32, value)
            log3(0, 64, name, from, to)
        }
    }
}
